"""The honest sales of one store: who comes when, to which till, with what in the basket.

Arrivals follow weekday, season, promotion days, weather-like daily noise (gamma, 10 %) and the
format's humps over the day. Baskets have a geometric-like number of lines; quantities are mostly
one. All sizes are our assumption unless `shrinkwatch.world.formats` names a source.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.world.assortment import Assortment
from shrinkwatch.world.calendar import Calendar
from shrinkwatch.world.departments import DEPARTMENTS
from shrinkwatch.world.formats import Format
from shrinkwatch.world.ledger import Ledger
from shrinkwatch.world.shoppers import PER_STORE, STRANGERS, Shoppers, is_member, token
from shrinkwatch.world.shops import Shop
from shrinkwatch.world.staff import Staff

PROMOTION_DAY_TRAFFIC = 1.5
DESK_SHARE = 0.02
SECOND_CARD = 0.1
SHOWS_LOYALTY = 0.88
PAUSES = 0.004
PAUSE_S = 22.0
"""Between two lines of a staffed sale now and then: a price is asked, a bag packed, a word said."""

ATTACHED = 8
"""One household in so many goes to the lane of a cashier they know, when that one is there."""


@dataclass(frozen=True, slots=True)
class Site:
    """One store with everything that its simulation needs."""

    shop: Shop
    stores: int
    days: int
    goods: Assortment
    staff: Staff
    shoppers: Shoppers
    calendar: Calendar
    rng: np.random.Generator

    @property
    def opens_on(self) -> int:
        """Return the first day of trade, 0 where the store was open before the period."""
        return self.calendar.opens_on(self.shop)

    def stocks(self, item: int) -> bool:
        """Return whether the store sells the item."""
        department = self.goods.table["department"][item]
        return department in self.shop.format.departments


def sales(site: Site) -> Ledger:
    """Return a ledger of completed sales over the whole period, numbered from 0."""
    day, second = _arrivals(site)
    count = day.size
    shopper = _who(site, count)
    row = shopper % PER_STORE % site.shoppers.count
    more = _basket_sizes(site.shop.format, count, site.rng)
    register, operator = _tills(site, day, second, row, more)
    self_checkout = np.isin(register, site.shop.self_checkouts)
    cash_wish = site.shoppers.cash[row] * np.where(self_checkout, 0.15, 1.0)
    cash = site.rng.random(count) < cash_wish
    credit = shopper % 3 == 0
    pay = np.where(cash, "cash", np.where(credit, "credit", "debit"))
    card = 2 * shopper + (site.rng.random(count) < SECOND_CARD)
    shown = is_member(shopper, site.shop.format.loyalty) & (site.rng.random(count) < SHOWS_LOYALTY)
    lines, scanned = _baskets(site, more, operator, self_checkout)
    total_at = scanned + 2 + site.rng.integers(0, 5, count)
    paying = np.rint(np.where(cash, 20, 13) * site.rng.lognormal(0, 0.4, count)).astype(np.int64)
    tx = pl.DataFrame(
        {
            "tx": np.arange(count),
            "register": register,
            "operator": operator,
            "day": day,
            "start": day * 86_400 + second,
            "total_at": total_at,
            "length": total_at + paying,
            "shopper": shopper,
            "loyalty": pl.Series(shopper).set(pl.Series(~shown), None),
            "pay": pay,
            "card": pl.Series(card).set(pl.Series(cash), None),
        }
    )
    return Ledger.of(tx=tx, lines=lines)


def hours(shop: Format, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return times of the day (seconds) drawn from the format's profile, within opening hours."""
    grid = np.arange(shop.opens * 60, shop.closes * 60)
    hour = grid / 60
    weight = np.full(grid.size, 0.22)
    for peak, width, height in shop.peaks:
        weight += height * np.exp(-0.5 * ((hour - peak) / width) ** 2)
    weight[:30] *= np.linspace(0.3, 1, 30)
    weight[-45:] *= np.linspace(1, 0.15, 45)
    cumulative = np.cumsum(weight) / weight.sum()
    minute = grid[np.searchsorted(cumulative, rng.random(count), side="right")]
    return np.asarray(minute * 60 + rng.integers(0, 60, count), dtype=np.int64)


def _arrivals(site: Site) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    days = np.arange(site.days)
    mean = site.shop.sales_per_day * np.array(site.shop.format.weekdays)[days % 7]
    mean = mean * (1 + 0.04 * np.sin(2 * np.pi * days / 28))
    mean = mean * np.where(np.isin(days, site.calendar.promotion_days), PROMOTION_DAY_TRAFFIC, 1.0)
    mean = mean * site.calendar.traffic(site.shop, site.days)
    per_day = site.rng.poisson(mean * site.rng.gamma(100.0, 0.01, site.days))
    day = np.repeat(days, per_day)
    return day, hours(site.shop.format, day.size, site.rng)


def _who(site: Site, count: int) -> NDArray[np.int64]:
    """Return shopper numbers; a few belong to a neighbouring store's households."""
    row = np.searchsorted(site.shoppers.cumulative, site.rng.random(count), side="right")
    neighbour = (site.shop.index + 3) % site.stores
    store = np.where(site.rng.random(count) < STRANGERS, neighbour, site.shop.index)
    return np.asarray(store * PER_STORE + row, dtype=np.int64)


def _basket_sizes(shop: Format, count: int, rng: np.random.Generator) -> NDArray[np.int64]:
    mean = shop.more_lines * rng.gamma(1.3, 1 / 1.3, count)
    return np.minimum(1 + rng.poisson(mean), 70).astype(np.int64)


def _tills(
    site: Site,
    day: NDArray[np.int64],
    second: NDArray[np.int64],
    row: NDArray[np.int64],
    lines: NDArray[np.int64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each sale's register and operator; only tills with somebody at them are used."""
    shop, rng = site.shop, site.rng
    session, operator = open_sessions(site)
    at = day * 1440 + second // 60
    wanted = rng.random((day.size, session.shape[1])) + (operator[at] == _known(site, row)[:, None])
    if shop.desk:
        wanted[:, shop.desk[0]] = np.where(rng.random(day.size) < DESK_SHARE, 2.0, -1.0)
    wanted = np.where(session[at] >= 0, wanted, -2.0)
    register = np.argmax(wanted, axis=1)
    who = operator[at, register]
    own = site.shoppers.self_checkout[row] * np.where(lines > 20, 0.3, 1.0)
    alone = (rng.random(day.size) < own) | (who < 0)
    if shop.self_checkouts:
        free = rng.choice(np.array(shop.self_checkouts), day.size)
        register = np.where(alone, free, register)
        who = np.where(alone, site.staff.self_checkout, who)
    return register, who


def _known(site: Site, row: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the cashier whom each household likes to go to, −2 where it makes no difference."""
    cashiers = np.array(site.staff.of_role("cashier"))
    mixed = token(row * site.stores + site.shop.index)
    liked = cashiers[(mixed // np.uint64(ATTACHED)) % np.uint64(cashiers.size)]
    return np.where(mixed % np.uint64(ATTACHED) == 0, liked, -2)


def open_sessions(site: Site) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return for each minute of the period and staffed register: session and operator, or −1.

    Shape (days × 1440, registers with staff).
    """
    posts = len(site.shop.staffed) + len(site.shop.desk)
    session = np.full((site.days * 1440, posts), -1, dtype=np.int64)
    operator = np.full_like(session, -1)
    for number, day, register, person, begins, ends in site.staff.sessions.select(
        "session", "day", "register", "operator", "begins", "ends"
    ).iter_rows():
        span = slice(day * 1440 + begins // 60, day * 1440 + -(-ends // 60))
        session[span, register] = number
        operator[span, register] = person
    return session, operator


def _baskets(
    site: Site,
    sizes: NDArray[np.int64],
    operator: NDArray[np.int64],
    self_checkout: NDArray[np.bool_],
) -> tuple[pl.DataFrame, NDArray[np.int64]]:
    """Return the lines of all baskets, and when each basket's last line was scanned."""
    rng, goods = site.rng, site.goods
    tx = np.repeat(np.arange(sizes.size), sizes)
    first = np.cumsum(sizes) - sizes
    item = np.searchsorted(goods.demand(site.shop.format), rng.random(tx.size), side="right")
    weighed_departments = [name for name, part in DEPARTMENTS.items() if part.weighed]
    weighed = np.isin(goods.departments(), weighed_departments)[item]
    pieces = rng.choice(
        np.array([1.0, 2.0, 3.0, 4.0, 6.0]), tx.size, p=[0.87, 0.09, 0.02, 0.01, 0.01]
    )
    kilos = np.maximum(0.05, np.round(rng.gamma(4.0, 0.16, tx.size), 3))
    pace = site.shop.format.scan_s * site.staff.pace[operator] * np.where(self_checkout, 2.2, 1.0)
    took = rng.gamma(2.2, 1 / 2.2, tx.size) * np.repeat(pace, sizes) + weighed * 2.0
    pause = (rng.random(tx.size) < PAUSES) & ~np.repeat(self_checkout, sizes)
    took[pause] += rng.gamma(1.5, PAUSE_S / 1.5, int(pause.sum()))
    since = np.cumsum(took)
    at = np.rint(1 + since - np.repeat((since - took)[first], sizes)).astype(np.int64)
    plu = np.where(weighed, "plu", np.where(rng.random(tx.size) < 0.02, "key", "scan"))
    lines = pl.DataFrame(
        {
            "tx": tx,
            "line": np.arange(tx.size) - np.repeat(first, sizes) + 1,
            "item": item,
            "quantity": np.where(weighed, kilos, pieces),
            "price": goods.price[item],
            "entry": plu,
            "at": at,
        }
    )
    return lines, at[first + sizes - 1]
