"""The benchmark as tables for a person."""

from collections.abc import Iterable

from rich.console import Console

from shrinkwatch.run import terminal
from shrinkwatch.run.benchmark.figures import Found
from shrinkwatch.run.benchmark.summary import (
    Benchmark,
    Calibration,
    DetectorSummary,
    Interval,
    Summary,
)

_DETECTORS = (
    "detector",
    "alerts",
    "a store-\nweek",
    "precision",
    "could\nbe",
    "staff\nfound",
    "their\nloss",
)
_PROFILES = ("profile", "alerts", "right", "precision", "staff found", "their loss")
_INTENSITIES = ("intensity", "chains", "right of", "staff found", "loss", "all found", "loss ")
_VARIANTS = ("plain", "loss", "evasive", "loss ")


def show(found: Benchmark, said: Console) -> None:
    """Print a suite's summaries, profile by profile."""
    for one in found.profiles:
        said.print(
            f"[bold]Suite {terminal.plain(found.suite)}, profile {terminal.plain(one.profile)}[/]: "
            f"{one.chains} simulated chains, {one.store_weeks:,} store-weeks, "
            f"{one.transactions:,} transactions; no label was used."
        )
        _show_detectors(one, said)
        name, first = next(iter(one.detectors.items()))
        said.print(f"[bold]{terminal.plain(name)}[/] in detail")
        _show_intensities(first, said)
        _show_schemes(first, said)
        _show_wrong(first, said)
        _show_calibration(one.calibration, said)
    if len(found.profiles) > 1:
        _show_profiles(found, said)


def _show_profiles(found: Benchmark, said: Console) -> None:
    """Print what the detector that comes first did in each profile."""
    table = terminal.table(*_PROFILES, right=_PROFILES[1:])
    for one in found.profiles:
        first = next(iter(one.detectors.values()))
        table.add_row(
            one.profile,
            f"{first.alerts:,}",
            f"{first.right:,}",
            _span(first.precision),
            _span(first.staff_found),
            _span(first.staff_loss_found),
        )
    said.print(table)


def _show_detectors(one: Summary, said: Console) -> None:
    table = terminal.table(*_DETECTORS, right=_DETECTORS[1:])
    for name, row in one.detectors.items():
        table.add_row(
            terminal.plain(name),
            f"{row.alerts:,}",
            _mean(row.alerts_per_store_week),
            _span(row.precision),
            _mean(row.attainable_precision),
            _span(row.staff_found),
            _span(row.staff_loss_found),
        )
    said.print(table)
    said.print(
        "Means over chains ± half of their 95 % interval. Could be: the most that so many alerts "
        "could reach.\nmultiple: three times the peers' mean rate; forest: scikit-learn's "
        "IsolationForest; five alerts a store-week at most, or cut to as many as ours.\n"
    )


def _show_intensities(row: DetectorSummary, said: Console) -> None:
    if row.named_rightly is not None:
        said.print(f"Of the right alerts that name a scheme, {row.named_rightly:.2f} show it.")
    table = terminal.table(*_INTENSITIES, right=_INTENSITIES)
    for each in row.intensities:
        table.add_row(
            f"{each.intensity:g}",
            str(each.chains),
            f"{each.right} of {each.alerts}",
            _of(each.staff),
            _number(each.staff.loss_share),
            _of(each.everyone),
            _number(each.everyone.loss_share),
        )
    said.print(table)


def _show_schemes(row: DetectorSummary, said: Console) -> None:
    """Print found of all per scheme: plain and evasive, then at each intensity."""
    steps = [each.intensity for each in row.intensities]
    at = tuple(f"at {step:g}" for step in steps)
    ways = terminal.table("scheme: actors found", *_VARIANTS, right=_VARIANTS)
    often = terminal.table("scheme, by intensity", *at, right=at)
    for scheme in dict.fromkeys(each.scheme for each in row.schemes):
        mine = [each for each in row.schemes if each.scheme == scheme]
        plain, evasive = (
            _sum(each.found for each in mine if each.variant == variant)
            for variant in ("plain", "evasive")
        )
        ways.add_row(
            scheme,
            _of(plain),
            _number(plain.loss_share),
            _of(evasive),
            _number(evasive.loss_share),
        )
        found = [_sum(each.found for each in mine if each.intensity == step) for step in steps]
        often.add_row(scheme, *map(_of, found))
    said.print(ways)
    if len(steps) > 1:
        said.print(often)


def _show_wrong(row: DetectorSummary, said: Console) -> None:
    wrong = row.alerts - row.right
    said.print(
        f"{wrong} wrong alerts: {row.wrong_on_thieves} on thieves, for receipts that were not "
        f"stolen; the others on {row.innocents} innocent subjects, {row.innocents_repeatedly} of "
        "them more than once."
    )
    if row.wrong:
        table = terminal.table("of the wrong alerts, on", "alerts", right=("alerts",))
        for kind, many in sorted(row.wrong.items(), key=lambda item: (-item[1], item[0])):
            table.add_row(kind.replace("_", " "), str(many))
        said.print(table)


def _show_calibration(known: Calibration, said: Console) -> None:
    if known.error is None:
        return
    said.print(f"Our leads from 3 % on, whatever their worth: calibration error {known.error:.3f}.")
    table = terminal.table("from", "leads", "said", "was", right=("from", "leads", "said", "was"))
    for row in known.bins:
        table.add_row(f"{row.from_:.1f}", str(row.leads), f"{row.said:.2f}", f"{row.was:.2f}")
    said.print(table)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _mean(value: Interval | None) -> str:
    return _number(None if value is None else value.mean)


def _span(value: Interval | None) -> str:
    if value is None or value.high is None:
        return _mean(value)
    return f"{value.mean:.2f}±{value.high - value.mean:.2f}"


def _of(found: Found) -> str:
    return f"{found.caught}/{found.actors}" if found.actors else ""


def _sum(parts: Iterable[Found]) -> Found:
    return sum(parts, Found())
