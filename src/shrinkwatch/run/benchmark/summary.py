"""Puts the chains of a suite together: sums, means with intervals, and what probabilities meant."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from scipy.stats import t as student

from shrinkwatch.run.benchmark.figures import Figures, Found
from shrinkwatch.run.benchmark.results import Measured

CONFIDENCE = 0.95
BINS = 10


class Interval(Struct, frozen=True):
    """A mean over chains and Student's 95 % interval of it; low and high None with one chain."""

    mean: float
    low: float | None
    high: float | None


class SchemeRow(Struct, frozen=True):
    """Who was found of a scheme's actors, at one intensity."""

    scheme: str
    variant: str
    intensity: float
    found: Found


class IntensityRow(Struct, frozen=True):
    """All chains of one intensity."""

    intensity: float
    chains: int
    alerts: int
    right: int
    staff: Found
    everyone: Found


class DetectorSummary(Struct, frozen=True):
    """What one detector did over all chains.

    The plain numbers are sums. Intervals are over chains: those without an alert have no precision
    and are left out of it, as those without a theft are of what was found; None: none is left.
    precision_pooled: of all alerts together. Otherwise as `figures.Figures` has it.
    """

    alerts: int
    right: int
    precision_pooled: float | None
    precision: Interval | None
    alerts_per_store_week: Interval | None
    attainable_precision: Interval | None
    ceiling_precision: Interval | None
    named_rightly: float | None
    staff: Found
    everyone: Found
    staff_found: Interval | None
    staff_loss_found: Interval | None
    everyone_found: Interval | None
    everyone_loss_found: Interval | None
    schemes: tuple[SchemeRow, ...]
    intensities: tuple[IntensityRow, ...]
    wrong: dict[str, int]
    innocents: int
    innocents_repeatedly: int
    wrong_on_thieves: int


class Bin(Struct, frozen=True):
    """Leads whose probability lies from `from_` up to a tenth more: what was said, what was."""

    from_: float
    leads: int
    said: float
    was: float


class Calibration(Struct, frozen=True):
    """What probabilities meant. error: the expected calibration error; None without leads."""

    error: float | None
    bins: tuple[Bin, ...]


class Summary(Struct, frozen=True):
    """A suite in one profile. detectors: by name, ours first. calibration: of our leads."""

    profile: str
    chains: int
    store_weeks: int
    transactions: int
    detectors: dict[str, DetectorSummary]
    calibration: Calibration


class Benchmark(Struct, frozen=True):
    """All that a benchmark says: a summary per profile, and every chain by itself."""

    suite: str
    profiles: tuple[Summary, ...]
    chains: tuple[Measured, ...]


def benchmark(suite: str, measured: Sequence[Measured]) -> Benchmark:
    """Return the summaries of these results, one per profile."""
    profiles = list(dict.fromkeys(one.profile for one in measured))
    return Benchmark(
        suite=suite,
        profiles=tuple(
            summary(name, [one for one in measured if one.profile == name]) for name in profiles
        ),
        chains=tuple(measured),
    )


def summary(profile: str, measured: Sequence[Measured]) -> Summary:
    """Return the summary of the chains of one profile; a detector counts where it has figures."""
    names = dict.fromkeys(name for one in measured for name in one.detectors)
    return Summary(
        profile=profile,
        chains=len(measured),
        store_weeks=sum(one.settings.stores * one.settings.weeks for one in measured),
        transactions=sum(one.transactions for one in measured),
        detectors={name: _detector(name, measured) for name in names},
        calibration=calibration([lead for one in measured for lead in one.leads]),
    )


def interval(values: Iterable[float | None]) -> Interval | None:
    """Return the mean with Student's 95 % interval over chains, None of which are left out.

    >>> interval([0.5, 0.75, 1.0, None]).mean
    0.75
    """
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = statistics.fmean(known)
    if len(known) == 1:
        return Interval(mean, None, None)
    quantile = float(student.ppf(0.5 + CONFIDENCE / 2, len(known) - 1))
    half = quantile * statistics.stdev(known) / math.sqrt(len(known))
    return Interval(mean, mean - half, mean + half)


def calibration(leads: Sequence[tuple[float, bool]]) -> Calibration:
    """Return the reliability table of leads (probability, right) and its expected error.

    The mean over ten bins of |share right - mean probability|, weighted by size. Source: Naeini,
    Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using Bayesian binning",
    AAAI.
    """
    rows = []
    for place in range(BINS):
        mine = [lead for lead in leads if min(BINS - 1, int(lead[0] * BINS)) == place]
        if mine:
            said = statistics.fmean(probability for probability, _ in mine)
            was = statistics.fmean(right for _, right in mine)
            rows.append(Bin(place / BINS, len(mine), said, was))
    if not rows:
        return Calibration(None, ())
    off = sum(row.leads * abs(row.said - row.was) for row in rows)
    return Calibration(off / len(leads), tuple(rows))


def _detector(name: str, measured: Sequence[Measured]) -> DetectorSummary:
    chains = [one for one in measured if name in one.detectors]
    each = [one.detectors[name] for one in chains]
    alerts, right = sum(one.alerts for one in each), sum(one.right for one in each)
    named = sum(one.named for one in each)

    def over(what: Callable[[Figures], float | None]) -> Interval | None:
        return interval(what(one) for one in each)

    return DetectorSummary(
        alerts=alerts,
        right=right,
        precision_pooled=right / alerts if alerts else None,
        precision=over(lambda one: one.precision),
        alerts_per_store_week=over(lambda one: one.per_store_week),
        attainable_precision=over(lambda one: one.attainable_precision),
        ceiling_precision=over(lambda one: one.ceiling_precision),
        named_rightly=sum(one.named_rightly for one in each) / named if named else None,
        staff=_sum(one.staff for one in each),
        everyone=_sum(one.everyone for one in each),
        staff_found=over(lambda one: one.staff.share),
        staff_loss_found=over(lambda one: one.staff.loss_share),
        everyone_found=over(lambda one: one.everyone.share),
        everyone_loss_found=over(lambda one: one.everyone.loss_share),
        schemes=_schemes(name, chains),
        intensities=_intensities(name, chains),
        wrong=_added(one.wrong for one in each),
        innocents=sum(one.innocents for one in each),
        innocents_repeatedly=sum(one.innocents_repeatedly for one in each),
        wrong_on_thieves=sum(one.wrong_on_thieves for one in each),
    )


def _schemes(name: str, chains: Sequence[Measured]) -> tuple[SchemeRow, ...]:
    rows: dict[tuple[str, str, float], Found] = {}
    for one in chains:
        for row in one.detectors[name].schemes:
            place = (row.scheme, row.variant, one.settings.intensity)
            rows[place] = rows.get(place, Found()) + row.found
    return tuple(SchemeRow(*place, rows[place]) for place in sorted(rows))


def _intensities(name: str, chains: Sequence[Measured]) -> tuple[IntensityRow, ...]:
    rows = []
    for intensity in sorted({one.settings.intensity for one in chains}):
        each = [one.detectors[name] for one in chains if one.settings.intensity == intensity]
        rows.append(
            IntensityRow(
                intensity=intensity,
                chains=len(each),
                alerts=sum(one.alerts for one in each),
                right=sum(one.right for one in each),
                staff=_sum(one.staff for one in each),
                everyone=_sum(one.everyone for one in each),
            )
        )
    return tuple(rows)


def _sum(parts: Iterable[Found]) -> Found:
    return sum(parts, Found())


def _added(parts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(sorted(total.items()))
