"""Makes the files of a simulated chain in a folder of their own, whole or not at all."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import msgspec
from msgspec import Struct

import shrinkwatch
from shrinkwatch.records.trouble import Refused
from shrinkwatch.world.chain import World, simulate
from shrinkwatch.world.files import ANSWERS, TRANSACTIONS_FILE, write
from shrinkwatch.world.profiles import PROFILES, said
from shrinkwatch.world.settings import WorldSettings

Progress = Callable[[str, float, float | None], None]

MANIFEST = "manifest.json"
"""Lies in a folder that was finished, and in no other."""

README = "README.md"
_UNFINISHED = ".unfinished-"


class MadeChain(Struct, frozen=True):
    """What a folder holds: the settings in full, and the rows of each file by its name."""

    made_by: str
    version: str
    profile: str
    settings: WorldSettings
    rows: dict[str, int]


def make_chain(
    folder: Path,
    settings: WorldSettings,
    *,
    profile: str = "full",
    progress: Progress | None = None,
) -> MadeChain:
    """Simulate this chain, write its files into the folder and return what they are.

    profile: a name of `PROFILES`. A folder that this made before is replaced, once the new files
    are complete; whatever stops it earlier leaves the folder as it was.
    Raises: Refused when the folder holds anything that this did not make.
    """
    _refuse_others_files(folder)

    def simulated(stores: int) -> None:
        if progress is not None:
            progress("Simulating the stores", stores, settings.stores)

    with _unfinished(folder) as place:
        simulated(0)
        world = PROFILES[profile](simulate(settings, simulated))
        rows = _write(world, place, progress)
        made = MadeChain("shrinkwatch world", shrinkwatch.__version__, profile, settings, rows)
        (place / README).write_text(_readme(made), "utf-8")
        manifest = msgspec.json.format(msgspec.json.encode(made)) + b"\n"
        (place / MANIFEST).write_bytes(manifest)
        _publish(place, folder)
    return made


def _write(world: World, place: Path, progress: Progress | None) -> dict[str, int]:
    """Write the chain's files and return the rows of each."""

    def written(transactions: int) -> None:
        if progress is not None:
            progress("Writing the feed", transactions, world.transactions.height)

    sheets = {**world.tables, **{name: getattr(world, name) for name in ANSWERS}}
    rows = {f"{name}.csv": sheet.height for name, sheet in sheets.items()}
    write(world, place, told=written)
    return {TRANSACTIONS_FILE: world.transactions.height, **rows}


def _refuse_others_files(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file; name a folder with --out")
    held = {path.name for path in folder.iterdir()} if folder.exists() else set()
    held = {name for name in held if not name.startswith(_UNFINISHED)}
    others = sorted(held - _made_before(folder))
    if others:
        raise Refused(
            f"{folder} holds what this command did not make ({others[0]}); "
            "name another folder with --out"
        )


def _made_before(folder: Path) -> set[str]:
    """Return the names of the files that an earlier run left here, by its manifest."""
    try:
        made = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=MadeChain)
    except (FileNotFoundError, msgspec.DecodeError):
        return set()
    return {*made.rows, README, MANIFEST}


@contextmanager
def _unfinished(folder: Path) -> Iterator[Path]:
    """Give a place beside the final one; afterwards it is gone, whatever happened."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(left)
    place = Path(mkdtemp(prefix=_UNFINISHED, dir=folder))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
        if new and not any(folder.iterdir()):
            folder.rmdir()


def _publish(place: Path, folder: Path) -> None:
    """Put the finished files in the place of earlier ones, the manifest last."""
    for name in sorted(_made_before(folder), key=lambda name: name != MANIFEST):
        (folder / name).unlink(missing_ok=True)
    names = sorted((path.name for path in place.iterdir()), key=lambda name: name == MANIFEST)
    try:
        for name in names:
            (place / name).replace(folder / name)
    except BaseException:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        raise


def _readme(made: MadeChain) -> str:
    chain = made.settings
    answers = {f"{name}.csv" for name in ANSWERS}
    tables = [name for name in made.rows if name not in answers and name != TRANSACTIONS_FILE]
    listed = "\n".join(
        f"| {name} | {count:,} | {'answers' if name in answers else 'feed'} |"
        for name, count in made.rows.items()
    )
    return f"""# A simulated chain

{chain.stores} stores, {chain.weeks} weeks from {chain.start}, seed {chain.seed}, intensity
{chain.intensity:g}. Nobody in it exists. Made by Shrinkwatch {made.version}; the same settings
make the same files.

Profile `{made.profile}`. {said(PROFILES[made.profile])}

| file | rows | for |
|---|---|---|
{listed}

Files marked *answers* say who stole, who only looked as if, and why the stock's books are wrong.
No feed has them: do not load them, measure with them.

    shrinkwatch init ../workspace
    shrinkwatch load {TRANSACTIONS_FILE} {" ".join(tables)} --workspace ../workspace
    shrinkwatch score --workspace ../workspace
"""
