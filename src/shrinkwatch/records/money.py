"""Which currencies there are, and the minor unit of each, in which every amount is kept."""

PRICE_DECIMALS = 4
"""Unit prices and costs are integers of 1/10,000 of the currency's unit, whatever the currency."""

_NONE = (
    *("BIF", "BYR", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX"),
    *("UYI", "VND", "VUV", "XAF", "XOF", "XPF"),
)
_THREE = ("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND")
_FOUR = ("CLF", "UYW")
_CURRENT = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP
    GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR
    KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD
    SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
_WITHDRAWN = "ANG BGN BYR CUC EEK HRK LTL LVL MRO SLL STD VEF ZMK ZWL"
"""Codes that were money after 2010; receipts of that time may still be loaded."""
_CURRENCIES = frozenset((_CURRENT + _WITHDRAWN).split())
_DECIMALS = {**dict.fromkeys(_NONE, 0), **dict.fromkeys(_THREE, 3), **dict.fromkeys(_FOUR, 4)}


def minor_decimals(currency: str) -> int:
    """Return the number of decimals of a currency's minor unit, e.g. 2 for EUR and 0 for JPY.

    currency: an ISO 4217 code; one that is not known has 2.
    Source: ISO 4217, list one, "minor unit".
    """
    return _DECIMALS.get(currency, 2)


def is_currency(code: str) -> bool:
    """Tell whether the text is the ISO 4217 code of money that a shop may take.

    Codes of metals, of funds without a country and for tests ("XAU", "XXX") are none.
    Source: ISO 4217, list one of 2026, and of list three what was withdrawn after 2010.
    """
    return code in _CURRENCIES
