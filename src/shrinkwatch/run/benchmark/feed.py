"""Writes the chains of a suite as files for other systems, without the answers."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
from msgspec import Struct

from shrinkwatch.run.benchmark.results import CHAIN_CODE, fingerprint, sources
from shrinkwatch.run.benchmark.suites import Configuration, suite
from shrinkwatch.world.chain import World, simulate
from shrinkwatch.world.files import TRANSACTIONS_FILE, write
from shrinkwatch.world.profiles import PROFILES

Progress = Callable[[str, float, float | None], None]

_MADE = "made.json"


class Feed(Struct, frozen=True):
    """What a configuration's folder holds: what `--alerts` calls it, and how it was made."""

    suite: str
    configuration: str
    profile: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Written:
    """The folders of a suite's feeds; `made` of them were written now, the others stood there."""

    folders: tuple[Path, ...]
    made: int


def write_feeds(
    name: str, folder: Path, *, profile: str = "full", progress: Progress | None = None
) -> Written:
    """Write each configuration's transactions and tables into a folder of its own.

    The answer sheets are not among them: `detect.submitted` knows them. A folder that holds the
    same feed is left as it is.
    Raises: Refused for an unknown suite.
    """
    chains, code, made = suite(name), sources(CHAIN_CODE), 0
    for done, one in enumerate(chains):
        if progress is not None:
            progress("Writing chains", done, len(chains))
        mark = fingerprint(code, one.settings, profile)
        made += _write(Feed(name, one.name, profile, mark), one, folder / one.name)
    if progress is not None:
        progress("Writing chains", len(chains), len(chains))
    return Written(tuple(folder / one.name for one in chains), made)


def _write(feed: Feed, one: Configuration, place: Path) -> bool:
    """Write a chain's folder; returns False where it stands there already."""
    known, made = place / _MADE, msgspec.json.encode(feed)
    if known.is_file() and known.read_bytes() == made:
        return False
    half = place.with_name(place.name + ".new")
    shutil.rmtree(half, ignore_errors=True)
    _write_feed(PROFILES[feed.profile](simulate(one.settings)), half)
    (half / _MADE).write_bytes(made)
    if known.is_file():
        shutil.rmtree(place)
    half.rename(place)
    return True


def _write_feed(world: World, folder: Path) -> None:
    """Write the chain's files and take the answer sheets away again."""
    wanted = {TRANSACTIONS_FILE, *(f"{kind}.csv" for kind in world.tables)}
    for path in write(world, folder):
        if path.name not in wanted:
            path.unlink()
