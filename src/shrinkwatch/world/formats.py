"""The four kinds of shop in the chain: what they sell, when they open and how people pay there.

Sizes without a source are our assumption, checked only against common sense: a supermarket's
basket is long and cheap, a department store's short and dear; food is seldom returned (NRF and
Appriss put all returns, mail order included, at 16.6 % of sales in 2021; shops lie below).
"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of shop.

    traffic: sales relative to the chain's mean. opens, closes: hours after midnight.
    lanes: for each staffed lane the shifts, as (from, to) shares of the opening hours.
    desk: the shifts of the service desk, none where there is no desk.
    more_lines: mean number of lines beyond the first. cash, loyalty, self_checkout_share: shares
    of sales. return_rate: returns per sale. weekdays: traffic from Monday to Sunday.
    peaks: (hour, width in hours, weight) of the day's humps.
    """

    traffic: float
    opens: int
    closes: int
    lanes: tuple[tuple[tuple[float, float], ...], ...]
    desk: tuple[tuple[float, float], ...]
    self_checkouts: int
    self_checkout_share: float
    departments: dict[str, float]
    more_lines: float
    scan_s: float
    cash: float
    loyalty: float
    return_rate: float
    override_rate: float
    discount_rate: float
    staff_discount: float
    weekdays: tuple[float, ...]
    peaks: tuple[tuple[float, float, float], ...] = field(
        default=((11.5, 1.8, 0.8), (17.3, 1.7, 1.0))
    )


_SPLIT = ((0.0, 0.5), (0.5, 1.0))

FORMATS: dict[str, Format] = {
    "supermarket": Format(
        traffic=1.35,
        opens=7,
        closes=22,
        lanes=(_SPLIT, ((0.2, 0.6), (0.6, 0.95))),
        desk=((0.1, 0.5), (0.5, 0.9)),
        self_checkouts=4,
        self_checkout_share=0.42,
        departments={
            "produce": 0.15,
            "dairy": 0.15,
            "bakery": 0.09,
            "meat": 0.09,
            "grocery": 0.24,
            "drinks": 0.1,
            "alcohol": 0.05,
            "tobacco": 0.01,
            "household": 0.06,
            "beauty": 0.06,
        },
        more_lines=8.2,
        scan_s=2.6,
        cash=0.24,
        loyalty=0.6,
        return_rate=0.012,
        override_rate=0.006,
        discount_rate=0.004,
        staff_discount=0.1,
        weekdays=(0.92, 0.9, 0.93, 1.0, 1.18, 1.27, 0.8),
    ),
    "convenience": Format(
        traffic=1.05,
        opens=6,
        closes=23,
        lanes=(_SPLIT, ((0.35, 0.8),)),
        desk=(),
        self_checkouts=2,
        self_checkout_share=0.25,
        departments={
            "bakery": 0.14,
            "dairy": 0.1,
            "grocery": 0.16,
            "drinks": 0.28,
            "alcohol": 0.12,
            "tobacco": 0.14,
            "household": 0.06,
        },
        more_lines=1.9,
        scan_s=2.8,
        cash=0.36,
        loyalty=0.3,
        return_rate=0.004,
        override_rate=0.004,
        discount_rate=0.003,
        staff_discount=0.1,
        weekdays=(0.98, 0.98, 1.0, 1.0, 1.08, 1.04, 0.92),
        peaks=((8.0, 1.0, 0.8), (12.5, 1.2, 0.8), (18.0, 2.2, 1.0)),
    ),
    "department": Format(
        traffic=0.7,
        opens=10,
        closes=20,
        lanes=(_SPLIT, ((0.25, 0.85),)),
        desk=((0.0, 0.5), (0.5, 1.0)),
        self_checkouts=0,
        self_checkout_share=0.0,
        departments={
            "apparel": 0.42,
            "footwear": 0.12,
            "home": 0.16,
            "beauty": 0.14,
            "toys": 0.08,
            "electronics": 0.08,
        },
        more_lines=1.3,
        scan_s=4.5,
        cash=0.16,
        loyalty=0.45,
        return_rate=0.085,
        override_rate=0.012,
        discount_rate=0.014,
        staff_discount=0.2,
        weekdays=(0.78, 0.78, 0.84, 0.95, 1.2, 1.55, 0.9),
        peaks=((13.0, 1.7, 1.0), (17.0, 1.5, 1.0)),
    ),
    "home_improvement": Format(
        traffic=0.75,
        opens=8,
        closes=20,
        lanes=(_SPLIT, ((0.1, 0.5), (0.5, 0.9))),
        desk=((0.0, 0.5), (0.5, 1.0)),
        self_checkouts=2,
        self_checkout_share=0.2,
        departments={
            "tools": 0.14,
            "hardware": 0.4,
            "paint": 0.16,
            "garden": 0.18,
            "household": 0.07,
            "electronics": 0.05,
        },
        more_lines=2.8,
        scan_s=4.0,
        cash=0.18,
        loyalty=0.35,
        return_rate=0.055,
        override_rate=0.01,
        discount_rate=0.012,
        staff_discount=0.2,
        weekdays=(0.9, 0.85, 0.88, 0.95, 1.1, 1.5, 0.82),
        peaks=((10.5, 1.6, 1.0), (16.0, 2.0, 0.9)),
    ),
}

MIX: tuple[str, ...] = (
    "supermarket",
    "department",
    "convenience",
    "supermarket",
    "home_improvement",
    "supermarket",
    "convenience",
    "department",
)
"""Formats of the first eight stores; the pattern repeats."""
