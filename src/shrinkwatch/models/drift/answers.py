"""Watches how right alerts are by what people answered; without answers it says: unknown."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Literal

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from shrinkwatch.models.drift.change import changes
from shrinkwatch.models.gate import figures

State = Literal["steady", "changed", "unknown"]

RECENT = timedelta(days=28)
SILENT = timedelta(days=7)
"""Without an answer for so long, what is known of precision is no longer known. Our
choice."""
LATE = timedelta(days=14)
LEAST = 20
LEAST_TO_CALIBRATE = 50
LEAST_DAYS = 28
LATE_SHARE = 0.5
_SEED = 1


class Watched(Struct, frozen=True):
    """One thing that is watched: how it is, its newest value, and a sentence.

    value None: not known. since: from when on it is found changed, where it is.
    """

    about: str
    state: State
    value: float | None
    says: str
    since: date | None = None


def watch_answers(alerts: pl.DataFrame, now: datetime) -> tuple[Watched, ...]:
    """Return how precision, calibration, the number of alerts and the delay of answers are.

    alerts: alert_id, opened_at, answered_at (UTC; null: nobody answered), right (1, 0 or null),
    probability when it opened.
    """
    answered = alerts.filter(pl.col("right").is_not_null() & (pl.col("answered_at") <= now)).sort(
        "answered_at", "alert_id"
    )
    watched = [_precision(answered, now), _calibration(answered, now), _volume(alerts, now)]
    return (*watched, *_delay(alerts, now))


def _precision(answered: pl.DataFrame, now: datetime) -> Watched:
    recent = answered.filter(pl.col("answered_at") > now - RECENT)
    unknown = _silent(answered, recent.height, LEAST, now)
    if unknown is not None:
        return Watched("precision", "unknown", None, unknown)
    right = recent["right"].to_numpy().astype(float)
    low, high = figures.wilson(float(right.sum()), float(right.size))
    said = f"{right.mean():.0%} of {right.size} recent answers were yes ({low:.0%} to {high:.0%})"
    value = float(right.mean())
    found = changes(answered["right"].to_list())
    since = answered["answered_at"][found[-1]].date() if found else None
    if since is not None and since > (now - RECENT).date():
        return Watched("precision", "changed", value, f"{said}; its mean changed", since)
    return Watched("precision", "steady", value, said)


def _calibration(answered: pl.DataFrame, now: datetime) -> Watched:
    recent = answered.filter(pl.col("answered_at") > now - 2 * RECENT)
    unknown = _silent(answered, recent.height, LEAST_TO_CALIBRATE, now)
    if unknown is not None:
        return Watched("calibration", "unknown", None, unknown)
    said, right = recent["probability"].to_numpy(), recent["right"].to_numpy().astype(float)
    weight = np.ones(right.size)
    error = figures.calibration_error(said, right, weight)
    chance = figures.chance_calibration_error(said, weight, _SEED)
    told = f"probabilities are off by {error:.3f}; chance explains up to {chance:.3f}"
    return Watched("calibration", "changed" if error > chance else "steady", error, told)


def _volume(alerts: pl.DataFrame, now: datetime) -> Watched:
    """Return whether about as many alerts open a day as before; no answer is needed to know.

    ADWIN finds a lasting change in some weeks; the last week beside the four before finds a flood.
    """
    days: list[date] = alerts.filter(pl.col("opened_at") <= now)["opened_at"].dt.date().to_list()
    first = min(days, default=now.date())
    age = (now.date() - first).days
    if age < LEAST_DAYS:
        return Watched("volume", "unknown", None, f"alerts are not yet {LEAST_DAYS} days old")
    counts = np.bincount([(day - first).days for day in days], minlength=age)
    found = changes(counts.tolist(), most=float(counts.max()))
    recent = float(counts[-7:].mean())
    said = f"{recent:.1f} alerts a day in the last week, {counts[-35:-7].mean():.1f} before"
    since = first + timedelta(days=found[-1]) if found else None
    if _flood(counts):
        since = now.date() - SILENT
    if since is not None and since > (now - RECENT).date():
        return Watched("volume", "changed", recent, f"{said}; its mean changed", since)
    return Watched("volume", "steady", recent, said)


def _flood(counts: NDArray[np.int64]) -> bool:
    """Tell whether the last week has clearly more or fewer a day than the four weeks before.

    Beyond 3.3 standard errors (once in a thousand weeks) of two rates; days that differ more than
    by chance widen it. Source: quasi-Poisson, McCullagh & Nelder 1989, §6.2.
    """
    week, before = counts[-7:], counts[-35:-7]
    mean = counts[-35:].mean()
    spread = max(float(before.var(ddof=1) / max(before.mean(), 1e-9)), 1.0)
    error = np.sqrt(spread * mean * (1 / week.size + 1 / before.size))
    return bool(abs(week.mean() - before.mean()) > 3.3 * error > 0.0)


def _delay(alerts: pl.DataFrame, now: datetime) -> Iterator[Watched]:
    """Yield how long answers take, and whether alerts are left lying."""
    took = alerts.filter(pl.col("answered_at") > now - RECENT)
    days = (took["answered_at"] - took["opened_at"]).dt.total_hours().median()
    if days is None:
        yield Watched("label_delay", "unknown", None, "no alert was answered in four weeks")
    else:
        value = float(days) / 24.0  # type: ignore[arg-type]
        said = f"half of the answers came within {value:.1f} days"
        yield Watched("label_delay", "steady", value, said)
    due = alerts.filter(pl.col("opened_at").is_between(now - 2 * RECENT, now - LATE))
    if due.is_empty():
        yield Watched("answered", "unknown", None, f"no alert is older than {LATE.days} days")
        return
    share = 1.0 - due.filter(pl.col("answered_at") <= now).height / due.height
    said = f"{share:.0%} of the alerts that are {LATE.days} days old and more were not answered"
    yield Watched("answered", "changed" if share > LATE_SHARE else "steady", share, said)


def _silent(answered: pl.DataFrame, recent: int, least: int, now: datetime) -> str | None:
    """Return why nothing can be known, or None where it can."""
    if recent < least:
        return f"{recent} recent answers are too few; it takes {least}"
    last: datetime = answered["answered_at"].max()  # type: ignore[assignment]
    if now - last > SILENT:
        return f"nobody has answered since {last:%Y-%m-%d}"
    return None
