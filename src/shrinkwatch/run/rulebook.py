"""The rules of a workspace: those that ship, those that its users wrote, and which are on."""

from difflib import get_close_matches
from pathlib import Path

import msgspec

from shrinkwatch.records.trouble import Misconfigured, Refused
from shrinkwatch.rules.book import RuleBook, read_rules, shipped_rules
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.settings import RuleChoice, Settings

USER_RULES = "rules"
"""The workspace's folder for rules of its own."""


def read_book(workspace: Path, settings: Settings) -> RuleBook:
    """Return every rule of the workspace, switched on or off as its settings say.

    Raises: Misconfigured when the settings name a rule that does not exist.
    """
    book = read_rules([shipped_rules(), workspace / USER_RULES])
    _refuse_unknown(settings.rules, book)
    return msgspec.structs.replace(
        book, rules=tuple(_switched(rule, settings.rules) for rule in book.rules)
    )


def holding(book: RuleBook, text: str) -> RuleBook:
    """Return the book with those rules in whose id this text stands; "" stands in all.

    Raises: Refused when it stands in none.
    """
    rules = tuple(rule for rule in book.rules if text in rule.id)
    if not rules:
        known = [rule.id for rule in book.rules]
        refused = "".join(f"; {bad.file} is not used: {bad.why}" for bad in book.refused)
        raise Refused(f"no rule's id holds {text}; {nearest(text, known)}{refused}")
    return msgspec.structs.replace(book, rules=rules)


def rules_on(workspace: Path, settings: Settings) -> tuple[Rule, ...]:
    """Return the rules that count in this workspace, by id.

    Raises: Misconfigured when the settings name a rule that does not exist.
    """
    return tuple(rule for rule in read_book(workspace, settings).rules if rule.on)


def nearest(wrong: str, known: list[str]) -> str:
    """Return advice that names the nearest known id.

    >>> nearest("post_voids", ["post_void", "price_override"])
    'did you mean post_void?'
    """
    close = get_close_matches(wrong, known, n=1, cutoff=0.5)
    return f"did you mean {close[0]}?" if close else f"known are: {', '.join(known)}"


def _refuse_unknown(choice: RuleChoice, book: RuleBook) -> None:
    known = [rule.id for rule in book.rules]
    for setting, ids in (("rules.on", choice.on), ("rules.off", choice.off)):
        for id_ in ids:
            if id_ not in known:
                raise Misconfigured(f"{setting}: no rule is called {id_}; {nearest(id_, known)}")


def _switched(rule: Rule, choice: RuleChoice) -> Rule:
    if rule.id in choice.off:
        return msgspec.structs.replace(rule, on=False)
    return msgspec.structs.replace(rule, on=True) if rule.id in choice.on else rule
