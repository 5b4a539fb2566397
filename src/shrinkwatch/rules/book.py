"""The book of rules: the suspicions that come with the program, and those a user wrote."""

import logging
from collections.abc import Iterable
from importlib import resources
from pathlib import Path

from msgspec import Struct

from shrinkwatch.rules.examples import failures
from shrinkwatch.rules.rule import Rule, RuleError, frame_columns, parse_rule

_log = logging.getLogger(__name__)


class RefusedRule(Struct, frozen=True):
    """A file that is not a usable rule; it stops nothing else."""

    file: str
    why: str


class RuleBook(Struct, frozen=True):
    """Every rule found, in order of id, those switched off too.

    refused: files that are no rules, and why.
    replaced: ids of which a later folder's file took the place of an earlier one.
    """

    rules: tuple[Rule, ...]
    refused: tuple[RefusedRule, ...]
    replaced: tuple[str, ...]


def shipped_rules() -> Path:
    """Return the folder of the rules that come with the program."""
    return Path(str(resources.files("shrinkwatch.rules").joinpath("suspicions")))


def read_rules(folders: Iterable[Path]) -> RuleBook:
    """Return all rules of these folders' TOML files; a later folder's rule replaces the same id.

    A rule whose worked examples fail is refused like one that cannot be read; those of the shipped
    rules are not tried at every start, they are tests of the program. A folder that does not exist
    holds no rules.
    """
    known, shipped = frame_columns(), shipped_rules()
    rules: dict[str, Rule] = {}
    refused: list[RefusedRule] = []
    replaced: list[str] = []
    for folder in folders:
        for file in sorted(Path(folder).glob("*.toml")):
            try:
                rule = _usable(file, file.read_text("utf-8"))
            except (RuleError, OSError, UnicodeDecodeError) as error:
                refused.append(RefusedRule(str(file), str(error)))
                continue
            if folder != shipped and (wrong := failures(rule, known)):
                refused.append(RefusedRule(str(file), "; ".join(wrong)))
                continue
            if rule.id in rules:
                replaced.append(rule.id)
            rules[rule.id] = rule
    return RuleBook(tuple(rules[id_] for id_ in sorted(rules)), tuple(refused), tuple(replaced))


def load_rules(folders: Iterable[Path] | None = None) -> tuple[Rule, ...]:
    """Return the rules that are switched on, by id; what was refused or replaced is logged.

    folders: None means the shipped rules alone.
    """
    book = read_rules([shipped_rules()] if folders is None else folders)
    for bad in book.refused:
        _log.warning("rule refused: %s: %s", bad.file, bad.why)
    for id_ in book.replaced:
        _log.warning("rule %s is replaced by a later folder's", id_)
    return tuple(rule for rule in book.rules if rule.on)


def _usable(file: Path, text: str) -> Rule:
    rule = parse_rule(text, frame_columns())
    if rule.id != file.stem:
        raise RuleError(f"id: the file is called {file.stem}, the rule {rule.id}")
    return rule
