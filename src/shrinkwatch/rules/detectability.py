"""Says which thefts a feed can show and which it cannot, before anybody trusts a quiet dashboard.

A scheme is visible when the feed carries all that it needs, names whom it points at, and a rule
that is switched on hunts it and has what that rule needs; partly visible when that holds only on
some receipts, for some subjects or by some rules; else it is not, and the report names what is
missing and what it would take. What nobody hunts is never called visible.
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
Carried = Literal["all", "some", "lacking"]

_ALWAYS = 0.95
"""From this share on a field counts as always given: real feeds lose some rows. Our own choice."""


_NAMED_AT_TILLS: tuple[SubjectType, ...] = ("operator", "card", "customer", "loyalty")
"""Whom a till feed could name. That it names no vendor, for one, is no news."""


class Visibility(Struct, frozen=True):
    """Whether one scheme can be seen in a feed.

    carried: whether the feed gives what the scheme needs: all of it, some of it (on some receipts,
    for some subjects), or lacking a field. watched: whether a rule that is switched on hunts it.
    rules: ids of those that have what they need here. actors: the subject types that it can point
    at here. missing: the fields that are needed and not given (an alternative as "a | b").
    takes: what it would take to see it, a clause per missing field. sharper: the fields, not given,
    that would make it plainer. sentence: the verdict for a person.
    """

    scheme: str
    number: int
    title: str
    verdict: Verdict
    carried: Carried
    watched: bool
    rules: tuple[str, ...]
    actors: tuple[SubjectType, ...]
    missing: tuple[str, ...]
    takes: tuple[str, ...]
    sharper: tuple[str, ...]
    sentence: str


def detectability(profile: FieldProfile, rules: Sequence[Rule]) -> tuple[Visibility, ...]:
    """Return for each of the 41 schemes, by number, whether this source can show it.

    rules: those that are switched on (`load_rules`).
    """
    return tuple(_visibility(scheme, profile, rules) for scheme in schemes())


def headlines(profile: FieldProfile, seen: Sequence[Visibility]) -> tuple[str, ...]:
    """Return the few sentences that sum the report up: how many schemes, and who is nobody here."""
    of = {verdict: sum(one.verdict == verdict for one in seen) for verdict in get_args(Verdict)}
    unwatched = sum(one.verdict == "not" and not one.watched for one in seen)
    ready = sum(one.carried == "all" and not one.watched for one in seen)
    carried = f", though the feed carries all fields of {ready}" if ready else ""
    lines = [
        f"{profile.source}: of {len(seen)} schemes {of['visible']} can be seen, {of['partly']} "
        f"partly, {of['not']} not; no rule hunts {unwatched} of those yet{carried}."
    ]
    for actor in _NAMED_AT_TILLS:
        need = ACTOR_FIELDS[actor]
        if need is not None and _share(need, profile) == 0:
            lines.append(
                f"No receipt carries {_words(need)}: no scheme of any {actor} can be seen."
            )
    return tuple(lines)


def lost_without(field: str, profile: FieldProfile, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Return the ids of the schemes that could be seen and cannot, or less, without this field."""
    order = get_args(Verdict)
    pairs = zip(
        detectability(profile, rules), detectability(profile.without(field), rules), strict=True
    )
    return tuple(
        before.scheme
        for before, after in pairs
        if order.index(after.verdict) > order.index(before.verdict)
    )


def _visibility(scheme: Scheme, profile: FieldProfile, rules: Sequence[Rule]) -> Visibility:
    actors = tuple(actor for actor in scheme.actors if _names(actor, profile))
    missing = _missing(scheme.needs, profile)
    if not actors:
        missing += (" | ".join(need for one in scheme.actors if (need := ACTOR_FIELDS[one])),)
    thin = [need for need in scheme.needs if 0 < _share(need, profile) < _ALWAYS]
    carried = _carried(missing, whole=not thin and actors[:1] == scheme.actors[:1])
    watching = [rule for rule in rules if rule.scheme == scheme.id]
    speaking = tuple(rule.id for rule in watching if not _lacks(rule, profile))
    verdict = _verdict(carried, speaking)
    if watching and not speaking and not missing:
        missing = min((_lacks(rule, profile) for rule in watching), key=len)
    if actors and scheme.actors[0] not in actors:
        missing += (ACTOR_FIELDS[scheme.actors[0]] or "",)
    missing = tuple(dict.fromkeys(missing))
    return Visibility(
        scheme=scheme.id,
        number=scheme.number,
        title=scheme.title,
        verdict=verdict,
        carried=carried,
        watched=bool(watching),
        rules=speaking,
        actors=actors,
        missing=missing,
        takes=_takes(missing),
        sharper=_missing(scheme.helps, profile),
        sentence=_sentence(verdict, missing, thin, speaking, profile)
        if watching
        else _not_hunted(missing, thin, profile),
    )


def _carried(missing: Sequence[str], *, whole: bool) -> Carried:
    if missing:
        return "lacking"
    return "all" if whole else "some"


def _verdict(carried: Carried, speaking: Sequence[str]) -> Verdict:
    if not speaking:
        return "not"
    return "visible" if carried == "all" else "partly"


def _missing(needs: Sequence[str], profile: FieldProfile) -> tuple[str, ...]:
    return tuple(need for need in needs if _share(need, profile) == 0)


def _lacks(rule: Rule, profile: FieldProfile) -> tuple[str, ...]:
    """Return the fields that a rule needs, to speak and to name its subject, and has not got."""
    subject = ACTOR_FIELDS[rule.subject]
    needs = rule.needs if subject is None or subject in rule.needs else (*rule.needs, subject)
    return _missing(needs, profile)


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
    lacks = ", ".join(map(_words, missing))
    if verdict == "not":
        return f"Cannot be seen: the feed does not carry {lacks}."
    if verdict == "visible":
        return "Can be seen."
    parts = _shares(thin, profile)
    if lacks:
        parts.append(f"only by {', '.join(speaking)}, without {lacks}")
    return f"Partly: {'; '.join(parts)}."


def _not_hunted(missing: Sequence[str], thin: Sequence[str], profile: FieldProfile) -> str:
    if missing:
        lacks = ", ".join(map(_words, missing))
        return f"No rule hunts it yet, and the feed does not carry {lacks}."
    if thin:
        return f"No rule hunts it yet; of what it needs {', '.join(_shares(thin, profile))}."
    return "No rule hunts it yet; the feed carries all that it needs."


def _shares(thin: Sequence[str], profile: FieldProfile) -> list[str]:
    return [f"{_words(need)} is on {_share(need, profile):.0%}" for need in thin]


def _words(need: str) -> str:
    return need.replace(" | ", " or ")
