"""One theft per file: how often, how much, how hard to see, and where that is known from.

A file of this folder is a scheme of SCHEMES: it holds `SCHEME`, a
`shrinkwatch.world.theft.Scheme`. A new file is found by its folder.
"""

from importlib import import_module
from pkgutil import iter_modules

from shrinkwatch.world.theft import Scheme


def all_schemes() -> dict[str, Scheme]:
    """Return every scheme of this folder by id, in alphabetical order."""
    names = sorted(module.name for module in iter_modules(__path__))
    found = (import_module(f"{__name__}.{name}").SCHEME for name in names)
    return {scheme.id: scheme for scheme in found}
