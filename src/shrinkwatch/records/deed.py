"""Something that was done or looked at, and by whom: what the audit log writes down."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

ActorKind = Literal["person", "key", "program"]

DeedKind = Literal[
    "alert_shown",
    "backup_made",
    "backup_restored",
    "export_made",
    "files_loaded",
    "key_added",
    "key_revoked",
    "label_given",
    "login",
    "message_released",
    "model_judged",
    "model_promoted",
    "model_rolled_back",
    "mute_made",
    "receipt_shown",
    "refused",
    "report_made",
    "rules_changed",
    "subject_shown",
    "user_added",
    "user_changed",
    "user_revoked",
]


class Actor(Struct, frozen=True):
    """Who did it: a person by name, a terminal's or feed's key by id, or a program by itself.

    A person's name is never written down: the log keeps a keyed pseudonym of it.
    """

    kind: ActorKind
    name: str


class Deed(Struct, frozen=True):
    """One deed.

    about: the object, e.g. "alert 3f2a9c"; people in it by pseudonym. detail: short facts, e.g.
    {"outcome": "theft"}; no personal names, no free text that somebody typed.
    """

    by: Actor
    kind: DeedKind
    about: str = ""
    detail: Mapping[str, str | int] = {}
