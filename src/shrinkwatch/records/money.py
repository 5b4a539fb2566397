"""How many decimals a currency has: the minor unit in which every amount is kept."""

PRICE_DECIMALS = 4
"""Unit prices and costs are integers of 1/10,000 of the currency's unit, whatever the currency."""

_NONE = (
    *("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"),
    *("VND", "VUV", "XAF", "XOF", "XPF"),
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
_DECIMALS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3), **dict.fromkeys(_FOUR, 4)}


def minor_decimals(currency: str) -> int:
    """Return the number of decimals of a currency's minor unit, e.g. 2 for EUR and 0 for JPY.

    currency: an ISO 4217 code; one that is not known has 2.
    Source: ISO 4217, list one, "minor unit".
    """
    return _DECIMALS.get(currency, 2)
