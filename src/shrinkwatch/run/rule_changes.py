"""Notices that rules or the settings that judge have changed since they last judged."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.audit import note
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.settings import ScoringSettings

_KIND = "rules"


def note_rules(workspace: Workspace, rules: Sequence[Rule], scoring: ScoringSettings) -> None:
    """Write into the journal and the audit log what is judged by from now on, where it changed."""
    marks = {rule.id: _mark(rule) for rule in rules} | {"settings": _mark(scoring)}
    before = workspace.journal.notes(_KIND)
    known: dict[str, str] = before[-1][1] if before else {}
    if known == marks:
        return
    workspace.journal.note(_KIND, marks, datetime.now(UTC))
    changes = {
        "added": marks.keys() - known.keys(),
        "gone": known.keys() - marks.keys(),
        "changed": {id_ for id_ in marks.keys() & known.keys() if marks[id_] != known[id_]},
    }
    if not known:
        note(workspace, "rules_changed", "the first rules", {"rules": len(rules)})
        return
    told: dict[str, str | int] = {
        name: " ".join(sorted(ids)) for name, ids in changes.items() if ids
    }
    note(workspace, "rules_changed", "rules and settings that judge", told)


def _mark(judge: Rule | ScoringSettings) -> str:
    return hashlib.sha256(msgspec.json.encode(judge)).hexdigest()[:16]
