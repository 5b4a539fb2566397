"""What the chain sells, department by department: kinds of goods, prices, margins, tax.

The numbers are our assumption, set by eye against shelf prices.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Department:
    """What a department sells: prices (median in minor units, sigma of the log) and margin.

    goods: kinds of goods and their price relative to the median. sizes: what tells two of a kind
    apart. tax: the rate, included in the price. cost_share: cost of the price without tax.
    """

    median_minor: int
    sigma: float
    cost_share: float
    items: int
    tax: float
    goods: dict[str, float]
    sizes: tuple[str, ...]
    weighed: bool = False
    age_checked: bool = False


_FOOD_SIZES = ("small", "large", "family pack", "value", "organic", "light", "classic", "premium")
_WEAR_SIZES = ("S", "M", "L", "XL", "black M", "blue L", "white S", "grey XL")
_HOUSE_SIZES = ("white", "grey", "small", "large", "set of 2", "classic", "deluxe", "basic")
_TOOL_SIZES = ("basic", "pro", "small", "large", "set", "compact", "heavy duty", "classic")


def _department(
    median_minor: int,
    sigma: float,
    cost_share: float,
    items: int,
    tax: float,
    goods: dict[str, float],
    sizes: tuple[str, ...] = _FOOD_SIZES,
) -> Department:
    return Department(median_minor, sigma, cost_share, items, tax, goods, sizes)


DEPARTMENTS: dict[str, Department] = {
    "produce": replace(
        _department(
            289,
            0.25,
            0.68,
            70,
            0.07,
            {"Apples": 1, "Bananas": 0.7, "Tomatoes": 1.1, "Grapes": 1.6, "Carrots": 0.5},
            ("loose", "organic", "local", "class I", "imported", "large", "small", "mixed"),
        ),
        weighed=True,
    ),
    "dairy": _department(
        179,
        0.3,
        0.76,
        160,
        0.07,
        {"Milk": 0.7, "Yoghurt": 0.6, "Butter": 1.4, "Cheese": 1.9, "Eggs": 1.3, "Cream": 0.8},
    ),
    "bakery": _department(
        199, 0.3, 0.55, 110, 0.07, {"Bread": 1.1, "Rolls": 0.8, "Croissant": 0.6, "Cake": 2.2}
    ),
    "meat": _department(
        549, 0.3, 0.74, 120, 0.07, {"Chicken": 1, "Beef": 1.6, "Sausages": 0.7, "Salmon": 1.4}
    ),
    "grocery": _department(
        219,
        0.3,
        0.72,
        620,
        0.07,
        {
            "Pasta": 0.6,
            "Rice": 0.9,
            "Coffee": 2.6,
            "Sauce": 1,
            "Cereal": 1.4,
            "Soup": 0.8,
            "Tea": 1.2,
            "Biscuits": 0.8,
            "Chocolate": 1.0,
        },
    ),
    "drinks": _department(
        189, 0.3, 0.7, 220, 0.2, {"Water": 0.5, "Cola": 1, "Juice": 1.2, "Energy drink": 1}
    ),
    "alcohol": replace(
        _department(
            899, 0.3, 0.76, 170, 0.2, {"Red wine": 0.8, "Lager": 0.5, "Gin": 2.2, "Whisky": 2.9}
        ),
        age_checked=True,
    ),
    "tobacco": replace(
        _department(899, 0.15, 0.9, 40, 0.2, {"Cigarettes": 1, "Tobacco": 1.3}), age_checked=True
    ),
    "household": _department(
        349,
        0.35,
        0.65,
        240,
        0.2,
        {"Detergent": 1.8, "Foil": 0.7, "Sponges": 0.5, "Candles": 1, "Batteries": 1.7},
        _HOUSE_SIZES,
    ),
    "beauty": _department(
        599,
        0.4,
        0.55,
        260,
        0.2,
        {"Shampoo": 0.7, "Razor blades": 2.2, "Perfume": 5, "Face cream": 1.8, "Toothpaste": 0.5},
        _HOUSE_SIZES,
    ),
    "apparel": _department(
        2999,
        0.35,
        0.45,
        420,
        0.2,
        {"Shirt": 0.9, "Jeans": 1.6, "Dress": 1.7, "Coat": 3, "Socks": 0.3, "T-shirt": 0.5},
        _WEAR_SIZES,
    ),
    "footwear": _department(
        4999,
        0.35,
        0.48,
        160,
        0.2,
        {"Trainers": 1.2, "Boots": 1.6, "Sandals": 0.6},
        ("37", "38", "39", "40", "41", "42", "43", "44"),
    ),
    "home": _department(
        1999,
        0.4,
        0.52,
        260,
        0.2,
        {"Towel": 0.6, "Lamp": 1.7, "Pan": 1.6, "Bedding": 2, "Vase": 0.8},
        _HOUSE_SIZES,
    ),
    "toys": _department(
        1799,
        0.4,
        0.58,
        160,
        0.2,
        {"Puzzle": 0.7, "Bricks": 1.8, "Doll": 1.2, "Board game": 1.3},
        _HOUSE_SIZES,
    ),
    "electronics": _department(
        3999,
        0.45,
        0.8,
        180,
        0.2,
        {"Headphones": 1.6, "Charger": 0.4, "Speaker": 1.7, "Toothbrush": 1.2, "Cable": 0.25},
        _TOOL_SIZES,
    ),
    "tools": _department(
        2499,
        0.4,
        0.6,
        240,
        0.2,
        {"Drill": 3.6, "Hammer": 0.6, "Saw": 1, "Screwdrivers": 0.7, "Sander": 2.4},
        _TOOL_SIZES,
    ),
    "hardware": _department(
        549,
        0.4,
        0.5,
        320,
        0.2,
        {"Screws": 0.7, "Hinges": 0.9, "Cable": 2, "Bulbs": 1.1, "Tape": 0.8, "Lock": 3},
        _TOOL_SIZES,
    ),
    "paint": _department(
        1899,
        0.35,
        0.58,
        120,
        0.2,
        {"Wall paint": 1.6, "Varnish": 1, "Brush": 0.3, "Roller": 0.4},
        ("white", "grey", "matt", "gloss", "1 l", "5 l", "10 l", "primer"),
    ),
    "garden": _department(
        1199,
        0.4,
        0.55,
        200,
        0.2,
        {"Compost": 0.8, "Seeds": 0.25, "Hose": 2.2, "Planter": 1.2, "Shears": 1.9},
        _TOOL_SIZES,
    ),
}

MAKERS = ("Alder", "Brook", "Cedar", "Dale", "Elm", "Fern", "Grove", "Heath", "Isle", "Juniper")
