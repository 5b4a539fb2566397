"""The ways in which a message goes out: one file each, found by its folder.

A file says in `SCHEMES` which addresses are its own and makes a `ports.Notifier` of one in
`notifier(url, network)`. What no file claims is left to Apprise.
"""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

from shrinkwatch.adapters.network import Network
from shrinkwatch.ports import Notifier

_FOR_THE_REST = "apprise"


def notifier_of(url: str, network: Network) -> Notifier:
    """Return what carries messages to this address.

    Raises: Refused when no file and no library knows such an address.
    """
    scheme = url.partition("://")[0].casefold()
    for module in every():
        if scheme in module.SCHEMES:
            return module.notifier(url, network)  # type: ignore[no-any-return]
    return import_module(f"{__name__}.{_FOR_THE_REST}").notifier(url, network)  # type: ignore[no-any-return]


def every() -> Iterator[ModuleType]:
    """Yield the module of every file in this folder."""
    for found in iter_modules(__path__):
        yield import_module(f"{__name__}.{found.name}")
