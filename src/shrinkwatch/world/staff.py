"""Who works in a store, since when, how fast and how clumsily, and who works when.

Honest people differ. Every operator has an own factor on each kind of mistake, lognormal with
sigma 0.4-1.0 (our assumption; it makes rates overdispersed, which is what makes detection hard).
New starters make up to three times the mistakes, fading over about three weeks.
"""

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.shops import Shop

QUIRKS = {
    "line_void": 0.5,
    "cancel": 0.5,
    "post_void": 0.6,
    "suspend": 0.6,
    "no_sale": 0.7,
    "override": 0.6,
    "discount": 0.6,
    "inquiry": 0.4,
    "courtesy": 1.0,
    "keyed": 0.6,
    "tender": 0.6,
    "drawer": 0.5,
}
"""Sigma of the log of the operators' own factors, by kind of mistake or habit."""

LEARNING_DAYS = 20.0
STARTER_EXTRA = 2.0
DAYS_A_WEEK = 4.3
HIRED_BEFORE = 10
SLOW = 1.8

_POSTED = {
    "day": pl.Int32,
    "register": pl.Int32,
    "operator": pl.Int32,
    "begins": pl.Int64,
    "ends": pl.Int64,
}


@dataclass(frozen=True, slots=True)
class Staff:
    """The people of one store and their roster.

    table: `operator_id, employee_id, role, hired_day, virtual`, one row per operator; hired_day
    counts from the period's first day and may be negative.
    quirk: an array per kind of QUIRKS, one factor per operator. pace: factor on scan times.
    late_voids: share of an operator's line voids that are made just before total.
    sessions: `session, day, register, operator, begins, ends` (seconds after midnight).
    on_duty: (days, 2) row of the supervisor in charge before and after midday.
    """

    table: pl.DataFrame
    quirk: dict[str, NDArray[np.float64]]
    pace: NDArray[np.float64]
    late_voids: NDArray[np.float64]
    sessions: pl.DataFrame
    on_duty: NDArray[np.int32]
    self_checkout: int
    hired_day: NDArray[np.int64]

    def of_role(self, *roles: str) -> tuple[int, ...]:
        """Return the rows of the people with one of these roles."""
        return tuple(np.flatnonzero(self.table["role"].is_in(roles).to_numpy()).tolist())

    def clumsiness(
        self, kind: str, operator: NDArray[np.int32], day: NDArray[np.int32]
    ) -> NDArray[np.float64]:
        """Return the factor on a kind of mistake for these operators on these days."""
        tenure = np.maximum(0, day - self.hired_day[operator])
        learning = 1 + STARTER_EXTRA * np.exp(-tenure / LEARNING_DAYS)
        return np.asarray(self.quirk[kind][operator] * learning, dtype=np.float64)


def staff(shop: Shop, days: int, rng: np.random.Generator, opens_on: int = 0) -> Staff:
    """Return the people of the store and who works when, over `days` days.

    opens_on: the store's first day; for a store that opens then, the tills' people are hired in
    the ten days before, or later.
    """
    lanes = sum(len(lane) for lane in shop.format.lanes)
    cashiers = int(np.ceil(lanes * 7 / DAYS_A_WEEK)) + 1
    clerks = int(np.ceil(len(shop.format.desk) * 7 / DAYS_A_WEEK)) + bool(shop.format.desk)
    roles = ["cashier"] * cashiers + ["service_desk"] * clerks
    roles += ["supervisor"] * 3 + ["manager", "self_checkout"]
    count = len(roles)
    hired = _hired(roles, days, rng)
    if opens_on > 0:
        at_tills = np.isin(roles, ["cashier", "service_desk"])
        hired = np.where(at_tills, np.maximum(hired, opens_on - HIRED_BEFORE), hired)
    table = pl.DataFrame(
        {
            "operator_id": [*(f"{101 + row}" for row in range(count - 1)), "900"],
            "employee_id": [
                *(f"E{shop.index + 1:03d}{row + 1:03d}" for row in range(count - 1)),
                None,
            ],
            "role": roles,
            "hired_day": hired,
            "virtual": [False] * (count - 1) + [True],
        }
    )
    sessions = _sessions(shop, roles, hired, days, rng).filter(pl.col("day") >= opens_on)
    supervisors = np.flatnonzero(np.array(roles) == "supervisor")
    return Staff(
        table=table,
        quirk={kind: rng.lognormal(0.0, sigma, count) for kind, sigma in QUIRKS.items()},
        pace=rng.lognormal(0.0, 0.15, count),
        late_voids=rng.beta(1.6, 9.0, count),
        sessions=sessions,
        on_duty=_on_duty(supervisors, days, rng),
        self_checkout=count - 1,
        hired_day=hired,
    )


def slow_cashier(staff: Staff) -> int:
    """Return the row of the cashier who has been there longest."""
    cashiers = staff.of_role("cashier")
    return min(cashiers, key=lambda row: int(staff.hired_day[row]))


def slowed(staff: Staff) -> Staff:
    """Return the same people with the longest-serving cashier at not much over half the pace."""
    pace = staff.pace.copy()
    pace[slow_cashier(staff)] *= SLOW
    return replace(staff, pace=pace)


def _hired(roles: list[str], days: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return hiring days: most long before, one cashier in eight shortly before or during."""
    hired = -np.rint(60 + rng.exponential(800, len(roles))).astype(np.int64)
    cashier = np.array(roles) == "cashier"
    new = cashier & (rng.random(len(roles)) < 0.125)
    hired[new] = rng.integers(-25, max(1, days - 14), int(new.sum()))
    hired[-1] = -3000
    return hired


def _on_duty(
    supervisors: NDArray[np.int64], days: int, rng: np.random.Generator
) -> NDArray[np.int32]:
    order = np.argsort(rng.random((days, supervisors.size)), axis=1)
    return supervisors[order[:, :2]].astype(np.int32)


def _sessions(
    shop: Shop, roles: list[str], hired: NDArray[np.int64], days: int, rng: np.random.Generator
) -> pl.DataFrame:
    lanes = [(row, *shift) for row, lane in enumerate(shop.format.lanes) for shift in lane]
    desk = [(shop.desk[0], *shift) for shift in shop.format.desk]
    return pl.concat(
        [
            _roster(shop, lanes, np.flatnonzero(np.array(roles) == "cashier"), hired, days, rng),
            _roster(
                shop, desk, np.flatnonzero(np.array(roles) == "service_desk"), hired, days, rng
            ),
        ]
    ).with_columns(session=pl.int_range(pl.len(), dtype=pl.Int32))


def _roster(
    shop: Shop,
    posts: list[tuple[int, float, float]],
    people: NDArray[np.int64],
    hired: NDArray[np.int64],
    days: int,
    rng: np.random.Generator,
) -> pl.DataFrame:
    """Return who fills which post on which day: by lot, leaving out who is away or not hired.

    Early and late shifts go by preference, and nobody has two posts on a day while others wait.
    """
    if not posts:
        return pl.DataFrame(schema=_POSTED)
    weeks = -(-days // 7)
    away = np.repeat(rng.random((weeks, people.size)) < 0.06, 7, axis=0)[:days]
    absent = hired[people][None, :] > np.arange(days)[:, None]
    lot = rng.random((days, people.size)) + 2.0 * away + 8.0 * absent
    lot += np.array([0.35, 0.0])[(rng.random(people.size) < 0.7).astype(int)]
    order = np.argsort(lot, axis=1)[:, : len(posts)]
    likes_late = rng.normal(size=people.size)
    middle = np.array([(begin + end) / 2 for _, begin, end in posts])
    seats = np.argsort(middle, kind="stable")
    filled = np.empty((days, len(posts)), dtype=np.int64)
    taste = likes_late[order] + rng.normal(0, 0.7, (days, len(posts)))
    ranked = np.take_along_axis(order, np.argsort(taste, axis=1), axis=1)
    filled[:, seats] = people[ranked]
    span = shop.closes_s - shop.opens_s
    begins = np.array([shop.opens_s + int(span * post[1]) for post in posts])
    ends = np.array([shop.opens_s + int(span * post[2]) for post in posts])
    return pl.DataFrame(
        {
            "day": np.repeat(np.arange(days), len(posts)),
            "register": np.tile([post[0] for post in posts], days),
            "operator": filled.ravel(),
            "begins": np.tile(begins, days),
            "ends": np.tile(ends, days),
        },
        schema=_POSTED,
    )
