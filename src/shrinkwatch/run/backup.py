"""Puts everything that cannot be made again into one file, and a workspace back from it.

The file is a tar, packed with Zstandard: the database as a file of SQLite wherever it was, the
settings, rules, mappings, the key, the models and the dossiers; last a manifest with the SHA-256
of each. Left out is what is made again (archive, state) and what was printed from it (reports).
Whoever has the file has the key: guard it as you guard the workspace.
"""

import hashlib
import io
import os
import shutil
import tarfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import BinaryIO

import msgspec
import zstandard
from msgspec import Struct

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.copies import copy_tables, is_empty
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.journal import StoredJournal
from shrinkwatch.journal.archive import Archive, sha256_of, sync_folder
from shrinkwatch.records.trouble import Refused
from shrinkwatch.run import settings
from shrinkwatch.run.audit import note
from shrinkwatch.run.workspace import ARCHIVE_FOLDER, JOURNAL_FILE, Workspace

Progress = Callable[[str, float, float | None], None]

KEPT = ("rules", "mappings", "keys", "models", "dossiers")
"""Folders of a workspace that nothing could make again."""
MANIFEST = "manifest.json"
_TOPS = (*KEPT, JOURNAL_FILE, settings.FILE_NAME, MANIFEST)
ON_FILE = "file"
"""What is named instead of a server's address for the workspace's own file."""

_LEVEL = 3
_PIECE = 1 << 20
_RECORDS_AT_ONCE = 50_000


class Manifest(Struct, frozen=True):
    """What is in a backup: when it was made, rows by table, SHA-256 by file."""

    made_at: datetime
    rows: dict[str, int]
    files: dict[str, str]


class Contents(Struct, frozen=True):
    """What a backup holds, after all of it was read. records: transactions; seconds: taken."""

    made_at: datetime
    records: int
    days: tuple[date, ...]
    alerts: int
    rows: dict[str, int]
    seconds: float


def backup(workspace: Workspace, file: Path, progress: Progress | None = None) -> Contents:
    """Write the workspace as it is at this moment to a new file, and read that back.

    Others may go on loading; what they add meanwhile is not in it. Killed at any moment, there is
    no file of this name yet.
    Raises: Refused where there is one already, or it cannot be written; Unreachable.
    """
    began = time.monotonic()
    if file.exists():
        raise Refused(f"{file} is there already; a backup is never overwritten: name another")
    draft = file.with_name(file.name + ".draft")
    try:
        with TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            copy = Path(folder) / JOURNAL_FILE
            rows = _copied(workspace.database, copy, progress)
            with _packed_new(draft) as tar:
                files = dict(_add_all(tar, workspace.folder, copy))
                _add_manifest(tar, Manifest(datetime.now(UTC), rows, files))
        with TemporaryDirectory(dir=file.parent, prefix=".backup-") as folder:
            found = _unpacked(draft, Path(folder) / "whole")
            database = Database.open(Path(folder) / "whole" / JOURNAL_FILE)
            held = _held(database, Path(folder), progress)
        draft.replace(file)
    except OSError as error:
        raise Refused(
            f"{file}: {error.strerror or error}; there must be room for the database three times"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(file.parent)
    note(workspace, "backup_made", file.name, {"records": held.records})
    return _contents(found, held, began)


def restore(
    file: Path, folder: Path, database: str | None = None, progress: Progress | None = None
) -> Contents:
    """Make the workspace again in a folder that is not there yet, or empty.

    database: the address of an empty PostgreSQL database, or "file"; None: as the settings in the
    backup say. Killed at any moment, the folder is not there yet.
    Raises: Refused where the folder or the database holds something, or the file is no whole
    backup; Unreachable, Misconfigured as `Database.connect`.
    """
    began = time.monotonic()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Refused(f"{folder} is not empty; name a folder that is not there yet")
    folder = folder.resolve()
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.restoring")
    shutil.rmtree(draft, ignore_errors=True)
    try:
        found = _unpacked(file, draft)
        if database is not None:
            settings.name_database(draft, None if database == ON_FILE else database)
        address = settings.read(draft).store.database
        if address is not None:
            _move_to_server(draft / JOURNAL_FILE, address, progress)
        held = _held(Workspace.open(draft).database, draft, progress)
        if folder.exists():
            folder.rmdir()
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    sync_folder(folder.parent)
    note(Workspace.open(folder), "backup_restored", file.name, {"records": held.records})
    return _contents(found, held, began)


def _copied(database: Database, path: Path, progress: Progress | None) -> dict[str, int]:
    target = Database.open(path)
    done = 0

    def copied(records: int) -> None:
        nonlocal done
        done += records
        if progress is not None:
            progress("Copying", done, None)

    try:
        return copy_tables(database, target, copied)
    finally:
        target.close()  # the last to leave writes everything into the one file


def _move_to_server(path: Path, address: str, progress: Progress | None) -> None:
    server, source = Database.connect(address), Database.open(path)
    try:
        if not is_empty(server):
            raise Refused(
                f"{server.name} holds a journal already; name an empty database with --database, "
                f"or --database {ON_FILE} for a file in the workspace"
            )
        if progress is not None:
            progress("Copying to the server", 0, None)
        copy_tables(source, server)
    finally:
        server.close()
        source.close()
    path.unlink()


@contextmanager
def _packed_new(path: Path) -> Iterator[tarfile.TarFile]:
    """Give a new tar that only its owner may read; when the block ends, it is on the disk."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as raw:
        packer = zstandard.ZstdCompressor(_LEVEL, write_checksum=True)
        with (
            packer.stream_writer(raw, closefd=False) as packed,
            tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            yield tar
        raw.flush()
        os.fsync(raw.fileno())


def _add_all(tar: tarfile.TarFile, folder: Path, database: Path) -> Iterator[tuple[str, str]]:
    """Add every file; yields its name and the SHA-256 of what was added."""
    yield _add(tar, database, JOURNAL_FILE)
    yield _add(tar, folder / settings.FILE_NAME, settings.FILE_NAME)
    for name in KEPT:
        for path in sorted((folder / name).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield _add(tar, path, path.relative_to(folder).as_posix())


def _add(tar: tarfile.TarFile, path: Path, name: str) -> tuple[str, str]:
    with path.open("rb") as file:
        info = tar.gettarinfo(arcname=name, fileobj=file)
        info.uid = info.gid = 0
        info.uname = info.gname = ""
        hashed = _Hashed(file)
        tar.addfile(info, hashed)
    return name, hashed.sha256.hexdigest()


class _Hashed(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        raw = self._file.read(size)
        self.sha256.update(raw)
        return raw


def _add_manifest(tar: tarfile.TarFile, manifest: Manifest) -> None:
    raw = msgspec.json.encode(manifest)
    info = tarfile.TarInfo(MANIFEST)
    info.size = len(raw)
    tar.addfile(info, io.BytesIO(raw))


def _unpacked(file: Path, folder: Path) -> Manifest:
    """Unpack a backup into a new folder and return its manifest; every file is what was added.

    Raises: Refused when it is no backup, not whole, or was changed.
    """
    folder.mkdir(mode=0o700)
    try:
        with (
            file.open("rb") as raw,
            zstandard.ZstdDecompressor().stream_reader(raw) as packed,
            tarfile.open(fileobj=packed, mode="r|") as tar,
        ):
            for member in tar:
                _unpack(tar, member, folder)
            while packed.read(_PIECE):  # its end carries the checksum of all
                pass
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (tarfile.TarError, zstandard.ZstdError, msgspec.DecodeError, FileNotFoundError) as error:
        raise Refused(f"{file} is not a whole backup: {error}") from error
    (folder / MANIFEST).unlink()
    wrong = [name for name, sha256 in manifest.files.items() if _hash(folder / name) != sha256]
    if wrong:
        raise Refused(f"{file} was changed: {', '.join(sorted(wrong))} is not what was kept")
    return manifest


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    if not member.isfile() or PurePosixPath(member.name).parts[0] not in _TOPS:
        raise tarfile.ReadError(f"it holds {member.name!r}, which no backup of ours does")
    tar.extract(member, folder, filter="data")


def _hash(path: Path) -> str | None:
    return sha256_of(path) if path.is_file() else None


class _Held(Struct, frozen=True):
    records: int
    days: tuple[date, ...]
    alerts: int


def _held(database: Database, folder: Path, progress: Progress | None) -> _Held:
    """Read every record of the journal, and let go of it. Raises: Refused when one is damaged."""
    journal = StoredJournal(database, Archive(folder / ARCHIVE_FOLDER))
    records = position = 0
    while True:
        tail = journal.tail(position, _RECORDS_AT_ONCE, {})
        if tail.damaged:
            first, end = tail.damaged[0]
            raise Refused(
                f"records {first:,} to {end - 1:,} of the journal are damaged; restore an earlier "
                "backup, and keep a copy of the workspace's folder as it is"
            )
        if tail.until == position:
            break
        records += tail.until - position
        position = tail.until
        if progress is not None:
            progress("Reading back", records, None)
    days, alerts = journal.days(), len(StoredAlerts(database).all())
    database.close()
    return _Held(records, (days[0], days[-1]) if days else (), alerts)


def _contents(manifest: Manifest, held: _Held, began: float) -> Contents:
    seconds = time.monotonic() - began
    return Contents(manifest.made_at, held.records, held.days, held.alerts, manifest.rows, seconds)
