"""Says which thefts a feed can show and which it cannot, before anybody trusts a quiet dashboard.

A scheme is visible when the feed carries all that it needs and names whom it points at; partly
visible when it does so only on some receipts, for some subjects or by some rules; else it is not,
and the report names what is missing and what it would take.
"""

from collections.abc import Sequence
from typing import Literal, get_args

from msgspec import Struct

from shrinkwatch.records.alert import SubjectType
from shrinkwatch.records.scheme import ACTOR_FIELDS, Scheme, schemes
from shrinkwatch.rules.fields import alternatives, fields
from shrinkwatch.rules.profile import FieldProfile
from shrinkwatch.rules.rule import Rule

Verdict = Literal["visible", "partly", "not"]

_ALWAYS = 0.95
"""From this share on a field counts as always given: real feeds lose some rows. Our own choice."""


_NAMED_AT_TILLS: tuple[SubjectType, ...] = ("operator", "card", "customer", "loyalty")
"""Whom a till feed could name. That it names no vendor, for one, is no news."""


class Visibility(Struct, frozen=True):
    """Whether one scheme can be seen in a feed.

    rules: ids of the rules that watch it and have what they need; empty: nothing watches it.
    actors: the subject types that it can point at here.
    missing: the fields that are needed and not given (an alternative as "a | b").
    takes: what it would take to see it, a clause per missing field.
    sentence: the verdict for a person.
    """

    scheme: str
    number: int
    title: str
    verdict: Verdict
    watched: bool
    rules: tuple[str, ...]
    actors: tuple[SubjectType, ...]
    missing: tuple[str, ...]
    takes: tuple[str, ...]
    sentence: str


def detectability(profile: FieldProfile, rules: Sequence[Rule]) -> tuple[Visibility, ...]:
    """Return for each of the 41 schemes, by number, whether this source can show it.

    rules: those that count (`load_rules`); a scheme without one is not watched, visible or not.
    """
    return tuple(_visibility(scheme, profile, rules) for scheme in schemes())


def headlines(profile: FieldProfile, seen: Sequence[Visibility]) -> tuple[str, ...]:
    """Return the few sentences that sum the report up: how many schemes, and who is nobody here."""
    of = {verdict: sum(one.verdict == verdict for one in seen) for verdict in get_args(Verdict)}
    watched = sum(one.watched and one.verdict != "not" for one in seen)
    lines = [
        f"{profile.source}: of {len(seen)} schemes {of['visible']} can be seen, "
        f"{of['partly']} partly, {of['not']} not; rules watch {watched} of those that can."
    ]
    for actor in _NAMED_AT_TILLS:
        need = ACTOR_FIELDS[actor]
        if need is not None and _share(need, profile) == 0:
            lines.append(
                f"No receipt carries {need.replace(' | ', ' or ')}: no scheme of any {actor} can "
                "be seen."
            )
    return tuple(lines)


def _visibility(scheme: Scheme, profile: FieldProfile, rules: Sequence[Rule]) -> Visibility:
    actors = tuple(actor for actor in scheme.actors if _names(actor, profile))
    missing = tuple(need for need in scheme.needs if _share(need, profile) == 0)
    if not actors:
        missing += (" | ".join(need for one in scheme.actors if (need := ACTOR_FIELDS[one])),)
    watching = [rule for rule in rules if rule.scheme == scheme.id]
    speaking = tuple(rule.id for rule in watching if _speaks(rule, profile))
    thin = [need for need in scheme.needs if 0 < _share(need, profile) < _ALWAYS]
    if missing:
        verdict: Verdict = "partly" if speaking else "not"
    else:
        verdict = "partly" if thin or actors[0] != scheme.actors[0] else "visible"
    if verdict == "partly" and actors and scheme.actors[0] not in actors:
        missing += (ACTOR_FIELDS[scheme.actors[0]] or "",)
    return Visibility(
        scheme=scheme.id,
        number=scheme.number,
        title=scheme.title,
        verdict=verdict,
        watched=bool(watching),
        rules=speaking,
        actors=actors,
        missing=tuple(dict.fromkeys(missing)),
        takes=_takes(missing),
        sentence=_sentence(verdict, missing, thin, speaking, profile),
    )


def _speaks(rule: Rule, profile: FieldProfile) -> bool:
    return _names(rule.subject, profile) and all(_share(need, profile) > 0 for need in rule.needs)


def _names(actor: SubjectType, profile: FieldProfile) -> bool:
    """Say whether the feed names such a subject on any receipt."""
    need = ACTOR_FIELDS[actor]
    return need is None or _share(need, profile) > 0


def _share(need: str, profile: FieldProfile) -> float:
    """Return on what share of its rows the best of a need's alternatives is given."""
    return max(profile.share(name) for name in alternatives(need))


def _takes(missing: Sequence[str]) -> tuple[str, ...]:
    clauses = (", or ".join(fields()[name].ask for name in alternatives(need)) for need in missing)
    return tuple(dict.fromkeys(clauses))


def _sentence(
    verdict: Verdict,
    missing: Sequence[str],
    thin: Sequence[str],
    speaking: Sequence[str],
    profile: FieldProfile,
) -> str:
    lacks = ", ".join(need.replace(" | ", " or ") for need in dict.fromkeys(missing))
    if verdict == "not":
        return f"Cannot be seen: the feed does not carry {lacks}."
    if verdict == "visible":
        return "Can be seen."
    parts = [f"{need.replace(' | ', ' or ')} is on {_share(need, profile):.0%}" for need in thin]
    if lacks:
        by = f"only by {', '.join(speaking)}, " if speaking else ""
        parts.append(f"{by}without {lacks}")
    return f"Partly: {'; '.join(parts)}."
