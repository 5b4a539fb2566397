"""Makes the folder of a workspace, with settings that explain themselves."""

from pathlib import Path

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.settings import FILE_NAME, template

FOLDERS = ("rules", "mappings", "reports")
"""Folders that a person looks into; the others are made when something is kept in them."""


def make_workspace(folder: Path) -> bool:
    """Make the workspace; returns False, and changes nothing, where there is one already.

    Raises: Refused when the place is a file, or cannot be written.
    """
    if (folder / FILE_NAME).exists():
        return False
    try:
        for name in FOLDERS:
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / FILE_NAME).write_text(template(), "utf-8")
    except OSError as error:
        raise Refused(f"{folder}: {error.strerror}; choose a folder that you may write") from error
    return True
