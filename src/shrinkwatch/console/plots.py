"""Small drawings as numbers: where peers stand, where one stands, and when it happened.

Coordinates are pixels of an SVG whose height grows downwards; the template draws them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo

import numpy as np
from msgspec import Struct
from scipy.optimize import brentq
from scipy.special import gammaincc

WIDTH = 560
PEERS_HEIGHT = 64
TIMELINE_WIDTH = 400
TIMELINE_HEIGHT = 150
STRIP_WIDTH = 265
STRIP_HEIGHT = 24
STRIP_WEEKS = 53
_BARS = 56
_MARGIN = 40.0
_HOURS = (0, 6, 12, 18, 24)


class Bar(Struct, frozen=True):
    """A bar of a histogram, standing on the axis."""

    x: float
    y: float
    width: float
    height: float


class PeersPlot(Struct, frozen=True):
    """How peers are spread (bars), where a typical one is and where the subject is (x)."""

    bars: tuple[Bar, ...]
    typical_x: float
    subject_x: float


class Tick(Struct, frozen=True):
    """A mark on an axis with its words."""

    at: float
    text: str


class Dot(Struct, frozen=True):
    """A receipt on the timeline: x is its day and hour, y the hour of the day."""

    x: float
    y: float
    text: str


class Strip(Struct, frozen=True):
    """Something week by week: a bar per week that has any, a mark (x) per week that has none."""

    bars: tuple[Bar, ...]
    none: tuple[float, ...]


class Timeline(Struct, frozen=True):
    """Suspicious receipts by day (x) and hour of the day (y)."""

    dots: tuple[Dot, ...]
    days: tuple[Tick, ...]
    hours: tuple[Tick, ...]


def peers(value: float, typical: float, tail_probability: float) -> PeersPlot | None:
    """Return the peers' spread around `typical` with the subject at `value`.

    The spread is the gamma distribution whose mean is the peers' typical value and whose
    probability of `value` or more is the tail probability of the alert. None where no such
    distribution exists (a subject below the typical peer, or a typical value of 0). Heights are
    square roots, so that the thin tail can be seen.
    Source: gamma–Poisson rates, Clayton & Kaldor 1987, Biometrics 43; Tukey's rootogram, 1972.
    """
    shape = gamma_shape(value, typical, tail_probability)
    if shape is None:
        return None
    end = value * 1.06
    edges = np.linspace(0, end, _BARS + 1)
    mass = -np.diff(gammaincc(shape, edges * shape / typical))
    heights = np.sqrt(mass / mass.max()) * (PEERS_HEIGHT - 20)
    step = WIDTH / _BARS
    bars = tuple(
        Bar(round(place * step + 0.5, 1), round(PEERS_HEIGHT - height, 1), step - 1, height)
        for place, height in enumerate(np.round(heights, 1).tolist())
        if height >= 0.4
    )
    return PeersPlot(bars, round(typical / end * WIDTH, 1), round(value / end * WIDTH, 1))


def gamma_shape(value: float, mean: float, tail_probability: float) -> float | None:
    """Return the shape of the gamma of this mean with P(X ≥ value) = tail_probability, or None.

    Of the two that may exist, the more concentrated one.
    """
    if mean <= 0 or value <= mean or not 0 <= tail_probability < 0.5:
        return None
    wanted = np.log(max(tail_probability, 1e-250))
    tried = np.geomspace(0.02, 2000.0, 121)
    log_tail = np.log(np.maximum(gammaincc(tried, tried * value / mean), 1e-300))
    widest = int(np.argmax(log_tail))
    if log_tail[widest] <= wanted:
        return float(tried[widest])
    if log_tail[-1] >= wanted:
        return float(tried[-1])

    def miss(shape: float) -> float:
        return float(np.log(max(gammaincc(shape, shape * value / mean), 1e-300)) - wanted)

    return float(brentq(miss, tried[widest], tried[-1]))


def timeline(
    times: Sequence[tuple[datetime, str]], start: datetime, end: datetime, zone: tzinfo
) -> Timeline:
    """Return the receipts as dots between two moments.

    times: aware, with the words of each; start, end: of the evidence; zone: of the store.
    """
    first = start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    days = max((end.astimezone(zone).date() - first.date()).days + 1, 7)
    step = (TIMELINE_WIDTH - _MARGIN) / days
    dots = []
    for at, text in times:
        local = at.astimezone(zone)
        hour = local.hour + local.minute / 60
        place = (local.date() - first.date()).days + hour / 24
        dots.append(Dot(round(_MARGIN + place * step, 1), _hour_y(hour), text))
    return Timeline(tuple(dots), _days(first, days, step), _hours())


def strip(values: Sequence[float | None]) -> Strip:
    """Return these weekly values as bars against the largest, the latest STRIP_WEEKS of them.

    values: from 0, oldest first; None where nobody knows, which is left empty.
    """
    shown = values[-STRIP_WEEKS:]
    most = max((value for value in shown if value is not None), default=0.0) or 1.0
    step = STRIP_WIDTH / max(len(shown), 13)
    bars, none = [], []
    for place, value in enumerate(shown):
        x = round(place * step, 1)
        if value:
            height = max(round(value / most * (STRIP_HEIGHT - 4), 1), 1.0)
            top = round(STRIP_HEIGHT - 2 - height, 1)
            bars.append(Bar(x, top, round(step * 0.8, 1), height))
        elif value is not None:
            none.append(round(x + step * 0.4, 1))
    return Strip(tuple(bars), tuple(none))


def _hour_y(hour: float) -> float:
    return round(8 + hour / 24 * (TIMELINE_HEIGHT - 30), 1)


def _days(first: datetime, days: int, step: float) -> tuple[Tick, ...]:
    every = max(1, -(-days // 5))
    return tuple(
        Tick(round(_MARGIN + place * step, 1), f"{day.day} {day:%b}")
        for place in range(0, days - every // 2, every)
        for day in [first + timedelta(days=place)]
    )


def _hours() -> tuple[Tick, ...]:
    return tuple(Tick(_hour_y(hour), f"{hour:02d}:00") for hour in _HOURS)
