"""Writes down everything that is remembered, and reads it back to the bit after a restart."""

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from shrinkwatch.features.catalogue import FEATURES_VERSION
from shrinkwatch.features.fold import Fold
from shrinkwatch.features.originals import Originals
from shrinkwatch.features.peer_groups import PeerGroups
from shrinkwatch.features.told import Told
from shrinkwatch.records.trouble import Refused

STATE_VERSION = f"{FEATURES_VERSION}-5"
"""Changes with the features, and with the number that says how their state is laid out."""

_MANIFEST = "features.json"


def save(folder: Path, fold: Fold, originals: Originals, told: Told, groups: PeerGroups) -> None:
    """Write the state into the folder: plain arrays (.npy) and one JSON file, written last."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, arrays in _memories(fold, originals).items():
        for part, array in arrays.items():
            _write(folder / name / f"{part}.npy", array)
    originals.keep_days(folder / "receipts")
    manifest = {
        "version": STATE_VERSION,
        "told": {name: int(bits) for name, bits in zip(told.sources, told.heard, strict=True)},
        "peer_groups": {str(code): name for code, name in groups.names.items()},
    }
    draft = folder / f"{_MANIFEST}.tmp"
    draft.write_text(json.dumps(manifest, ensure_ascii=False), encoding="utf-8")
    draft.replace(folder / _MANIFEST)


def load(folder: Path, fold: Fold, originals: Originals, told: Told, groups: PeerGroups) -> None:
    """Fill these with the state of the folder.

    Raises: Refused when there is none, or one of another version of the features.
    """
    path = folder / _MANIFEST
    if not path.is_file():
        raise Refused(f"no saved features in {folder}; replay the journal to make them")
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if manifest["version"] != STATE_VERSION:
        raise Refused(
            f"saved features are of version {manifest['version']}, not {STATE_VERSION};"
            " replay the journal to make them anew"
        )
    for name, memory in fold.memories().items():
        memory.restore(_read(folder / name))
    originals.restore(_read(folder / "originals"), folder / "receipts")
    told.sources = list(manifest["told"])
    told.heard = np.array(list(manifest["told"].values()), dtype=np.int64)
    groups.names = {int(code): name for code, name in manifest["peer_groups"].items()}


def _memories(fold: Fold, originals: Originals) -> dict[str, dict[str, NDArray[Any]]]:
    memories = {name: memory.arrays() for name, memory in fold.memories().items()}
    return memories | {"originals": originals.arrays()}


def _write(path: Path, array: NDArray[Any]) -> None:
    path.parent.mkdir(exist_ok=True)
    draft = path.with_suffix(".tmp")
    with draft.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _read(folder: Path) -> dict[str, NDArray[Any]]:
    return {path.stem: _read_array(path) for path in folder.glob("*.npy")}


def _read_array(path: Path) -> NDArray[Any]:
    """Return the array of a .npy file in memory of its own, so that it can grow in place."""
    with path.open("rb") as file:
        npy.read_magic(file)
        shape, _, dtype = npy.read_array_header_1_0(file)
        array = np.empty(shape, dtype=dtype)
        if array.size:
            file.readinto(array.data.cast("B"))
    return array
