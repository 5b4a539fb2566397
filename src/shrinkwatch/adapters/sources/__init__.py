"""What vendors call: one file for each, found by its folder.

A file's `hear(headers, raw, key, now)` looks at the signature over the body as it came, and only
then into the body. It returns `records.heard.Heard`, or raises Forged or Refused.
"""

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from importlib import import_module
from pkgutil import iter_modules
from typing import Annotated, TypeVar

import msgspec

from shrinkwatch.records.heard import Heard, HookKey
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.trouble import Forged, Refused

Kind = TypeVar("Kind")

Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time that says its offset."""

Hear = Callable[[Mapping[str, str], bytes, HookKey, datetime], Heard]


def kinds() -> tuple[str, ...]:
    """Return the vendors that there is a file for."""
    return tuple(found.name for found in iter_modules(__path__))


def hears(kind: str) -> Hear:
    """Return what hears this vendor's calls. Raises: Refused when there is no file for it."""
    if kind not in kinds():
        raise Refused(f"no vendor is called {kind}; known are: {', '.join(kinds())}")
    hear: Hear = import_module(f"{__name__}.{kind}").hear
    return hear


def header(headers: Mapping[str, str], name: str) -> str:
    """Return the header of this (small) name, "" when it is not there."""
    return next((value for each, value in headers.items() if each.lower() == name), "")


def refuse_forged(said: Iterable[str], true: Iterable[str], vendor: str) -> None:
    """Raises: Forged unless one of the signatures is one of those that the secrets give."""
    marks = [one.encode() for one in true]
    given = [one.encode() for one in said if one]
    fits = [hmac.compare_digest(one, mark) for one in given for mark in marks]
    if not any(fits):
        raise Forged(f"the signature is not {vendor}'s; is the secret the one that it shows?")


def understood(raw: bytes, kind: type[Kind], vendor: str) -> Kind:
    """Return the body as this type. Raises: Refused when it is none."""
    try:
        return msgspec.json.decode(raw, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise Refused(f"{vendor} said something that cannot be understood: {error}") from error


@contextmanager
def within_reason(vendor: str) -> Iterator[None]:
    """Raises: Refused where what is done here meets a number or a time that cannot be."""
    try:
        yield
    except (ArithmeticError, ValueError, OSError) as error:
        raise Refused(f"{vendor} said a number or a time that cannot be") from error


def amount_of(minor: int, currency: str) -> str:
    """Return minor units as a decimal text.

    >>> amount_of(1250, "EUR"), amount_of(-5, "USD"), amount_of(70, "JPY")
    ('12.50', '-0.05', '70')
    """
    decimals = minor_decimals(currency)
    digits = f"{abs(minor):0{decimals + 1}d}"
    sign = "-" if minor < 0 else ""
    return sign + (f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits)
