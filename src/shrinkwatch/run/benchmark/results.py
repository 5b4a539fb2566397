"""Keeps what was measured, a file for each chain and profile: a run goes on where it stopped.

A result is used again only while everything that decides it (the chain's settings, the simulation,
the rules, the code) is as it was.
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

import shrinkwatch
from shrinkwatch.run.benchmark.answers import Answers
from shrinkwatch.run.benchmark.figures import Figures
from shrinkwatch.run.benchmark.judging import Raised
from shrinkwatch.run.benchmark.suites import Configuration
from shrinkwatch.world.settings import WorldSettings

CHAIN_CODE = ("world",)
"""Folders of the package that decide what a chain is."""

MEASURE_CODE = (
    "world",
    "records",
    "intake",
    "journal",
    "features",
    "rules",
    "models",
    "scoring",
    "run/benchmark",
    "run/score.py",
)
"""Folders and files of the package that decide what is measured on it."""


class Measured(Struct, frozen=True):
    """What was measured on one chain in one profile.

    transactions: of the whole chain; a poorer feed may show fewer. detectors: by name, ours first.
    leads: probability and whether right, of all our leads from 3 % on. alerts: ours.
    """

    configuration: str
    profile: str
    settings: WorldSettings
    transactions: int
    fingerprint: str
    detectors: dict[str, Figures]
    leads: tuple[tuple[float, bool], ...] = ()
    alerts: tuple[Raised, ...] = ()


class _Kept(Struct, frozen=True):
    fingerprint: str
    answers: Answers


Document = TypeVar("Document")


@dataclass(frozen=True, slots=True)
class Results:
    """The folder in which a suite's results are kept.

    The code is read once: what changes while chains are measured counts from the next run on.
    """

    folder: Path
    suite: str
    chain_code: str = field(default_factory=lambda: sources(CHAIN_CODE))
    measure_code: str = field(default_factory=lambda: sources(MEASURE_CODE))

    def find(self, configuration: Configuration, profile: str) -> Measured | None:
        """Return what was measured, or None when it was not, or something has changed since."""
        found = _read(self._measured(configuration.name, profile), Measured)
        now = self.fingerprint(configuration, profile)
        return found if found is not None and found.fingerprint == now else None

    def fingerprint(self, configuration: Configuration, profile: str) -> str:
        """Return what a result of today must carry to be found again."""
        return fingerprint(self.measure_code, configuration.settings, profile)

    def keep(self, measured: Measured) -> None:
        """Write it; a kill leaves the file whole or not at all."""
        _write(self._measured(measured.configuration, measured.profile), measured)

    def answers(self, configuration: Configuration) -> Answers | None:
        """Return the chain's answers, or None when they are not kept or it is another chain now."""
        found = _read(self._answers(configuration.name), _Kept)
        now = fingerprint(self.chain_code, configuration.settings)
        return found.answers if found is not None and found.fingerprint == now else None

    def keep_answers(self, configuration: Configuration, answers: Answers) -> None:
        """Write the chain's answers."""
        mark = fingerprint(self.chain_code, configuration.settings)
        _write(self._answers(configuration.name), _Kept(mark, answers))

    def _measured(self, configuration: str, profile: str) -> Path:
        return self.folder / f"{self.suite}-{configuration}-{profile}.json"

    def _answers(self, configuration: str) -> Path:
        return self.folder / f"{self.suite}-{configuration}.answers.json"


def fingerprint(code: str, settings: WorldSettings, profile: str = "") -> str:
    """Return a hash of some code (`sources`), a chain's settings and a profile."""
    told = msgspec.json.encode((code, settings, profile), order="deterministic")
    return hashlib.sha256(told).hexdigest()[:16]


def sources(places: tuple[str, ...]) -> str:
    """Return a hash of these folders and files of the package, as they are on the disk now."""
    package, found = Path(shrinkwatch.__file__).parent, hashlib.sha256()
    for name in places:
        place = package / name
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.suffix in {".py", ".toml"}:
                found.update(str(file.relative_to(package)).encode())
                found.update(file.read_bytes())
    return found.hexdigest()


def _read(path: Path, kind: type[Document]) -> Document | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def _write(path: Path, document: Struct) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(path.name + ".new")
    whole.write_bytes(msgspec.json.encode(document))
    whole.replace(path)
