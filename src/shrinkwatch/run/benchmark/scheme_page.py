"""Every scheme at the till on one page: what hunts it, how it is simulated, and who was found.

Written from the rules that ship and the simulated chain's files, so that it cannot say otherwise.
"""

import sys
from collections.abc import Iterable, Iterator
from inspect import getdoc
from pathlib import Path

import msgspec
from msgspec import Struct

from shrinkwatch.features.catalogue import schema
from shrinkwatch.records.scheme import scheme as described
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.book import read_rules, shipped_rules
from shrinkwatch.rules.condition import expression
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.figures import Found
from shrinkwatch.run.benchmark.summary import Benchmark, SchemeRow
from shrinkwatch.run.benchmark.trial import OURS
from shrinkwatch.world.schemes import all_schemes
from shrinkwatch.world.theft import Habit, Scheme

_HIDDEN = "Hidden: "


class Way(Struct, frozen=True):
    """One way to practise a scheme.

    how: a sentence. habit: how often and how much. found: its actors and those found; None where
    nothing was measured.
    """

    how: str
    habit: Habit
    found: Found | None


class SchemeSheet(Struct, frozen=True):
    """All that is known of a scheme.

    rules: id -> whether it ships switched on. features: those that their conditions read, as the
    catalogue orders them. file: of the simulated theft. evasion: what hides it, in a word or two.
    lookalikes: kinds of honest people who look like it.
    """

    number: int
    id: str
    title: str
    rules: dict[str, bool]
    features: tuple[str, ...]
    file: str
    plain: Way
    evasion: str
    evasive: Way
    lookalikes: tuple[str, ...]


def scheme_sheets(measured: Benchmark | None = None) -> tuple[SchemeSheet, ...]:
    """Return every scheme that the simulated chain plays, by number.

    measured: what `bench detect` found; our detector in its first profile says who was found.
    """
    rules = read_rules([shipped_rules()]).rules
    rows = () if measured is None else _our_rows(measured)
    played = sorted(all_schemes().values(), key=lambda one: one.number)
    return tuple(
        _sheet(
            one,
            [rule for rule in rules if rule.scheme == one.id],
            [row for row in rows if row.scheme == one.id],
        )
        for one in played
    )


def read_benchmark(path: Path) -> Benchmark:
    """Return what `bench detect --json` printed into this file.

    Raises: Refused when it is no such file, or says nothing of our detector.
    """
    try:
        measured = msgspec.json.decode(path.read_bytes(), type=Benchmark)
    except msgspec.DecodeError as error:
        raise Refused(f"{path} is not what bench detect --json prints: {error}") from error
    if not measured.profiles or OURS not in measured.profiles[0].detectors:
        raise Refused(f"{path} has no figures of {OURS}")
    return measured


def page(sheets: Iterable[SchemeSheet], measured: Benchmark | None = None) -> str:
    """Return the sheets as Markdown: a table of all, then one by one."""
    sheets = tuple(sheets)
    return "\n".join([_HEAD, _measured_on(measured), "", *_table(sheets), *_sections(sheets)])


_HEAD = """# Schemes at the till

Printed by `shrinkwatch bench schemes` from the [rules](guide/rules.md) that ship and the
[simulated chain](world.md). A rule in parentheses ships switched off; its `source` says why. A
theft's habit is: the share of the thief's shifts (of a shopper's visits, a ring's tours, a
customer's days) on which anything is stolen, how many times then, and between which amounts.
"""


def _sheet(scheme: Scheme, rules: list[Rule], rows: list[SchemeRow]) -> SchemeSheet:
    module = sys.modules[scheme.steal.__module__]
    told = [" ".join(part.split()) for part in (getdoc(module) or "").split("\n\n")]
    (hidden,) = (part.removeprefix(_HIDDEN) for part in told if part.startswith(_HIDDEN))
    read = {name for rule in rules for name in _columns(rule)}
    found = {row.variant: Found() for row in rows}
    for row in rows:
        found[row.variant] += row.found
    return SchemeSheet(
        number=scheme.number,
        id=scheme.id,
        title=described(scheme.id).title,
        rules={rule.id: rule.on for rule in rules},
        features=tuple(name for name in schema() if name in read),
        file=f"src/{module.__name__.replace('.', '/')}.py",
        plain=Way(told[0], scheme.habit, found.get("plain")),
        evasion=scheme.evasive.how,
        evasive=Way(hidden, scheme.evasive.habit, found.get("evasive")),
        lookalikes=scheme.lookalikes,
    )


def _columns(rule: Rule) -> set[str]:
    return {
        name for sql, _ in rule.conditions.values() for name in expression(sql).meta.root_names()
    }


def _our_rows(measured: Benchmark) -> tuple[SchemeRow, ...]:
    return measured.profiles[0].detectors[OURS].schemes


def _measured_on(measured: Benchmark | None) -> str:
    if measured is None:
        return "Who was found is left out here: `--results` adds it from a benchmark's figures."
    first = measured.profiles[0]
    return (
        f"Found: actors with a right alert for that scheme, of all, and the share of their loss; "
        f"suite {measured.suite}, profile {first.profile}, {first.chains} chains, "
        f"{first.store_weeks:,} store-weeks, without labels."
    )


def _table(sheets: Iterable[SchemeSheet]) -> Iterator[str]:
    yield "| no. | scheme | rules on | off | found, plain | loss | found, evasive | loss |"
    yield "|---|---|---|---|---|---|---|---|"
    for one in sheets:
        on = sum(one.rules.values())
        cells = (
            str(one.number),
            f"[{one.id}](#{one.id})",
            str(on),
            str(len(one.rules) - on),
            *_found(one.plain),
            *_found(one.evasive),
        )
        yield f"| {' | '.join(cells)} |"
    yield ""


def _found(way: Way) -> tuple[str, str]:
    if way.found is None or not way.found.actors:
        return "", ""
    share = way.found.loss_share
    return f"{way.found.caught} of {way.found.actors}", "" if share is None else f"{share:.2f}"


def _sections(sheets: Iterable[SchemeSheet]) -> Iterator[str]:
    for one in sheets:
        rules = (f"`{id_}`" if on else f"(`{id_}`)" for id_, on in one.rules.items())
        yield f"## {one.id}"
        yield ""
        yield f"Scheme {one.number}: {one.title}."
        yield ""
        yield f"- Rules: {', '.join(rules) or 'none'}"
        yield f"- Features: {', '.join(f'`{name}`' for name in one.features) or 'none'}"
        yield f"- [Theft](../{one.file}): {one.plain.how} {_habit(one.plain.habit)}"
        yield f"- Hidden, `{one.evasion}`: {one.evasive.how} {_habit(one.evasive.habit)}"
        yield f"- Look-alikes: {', '.join(kind.replace('_', ' ') for kind in one.lookalikes)}"
        yield ""


def _habit(habit: Habit) -> str:
    often = f"{habit.shift_share:.0%}, {habit.per_shift:.1f} times"
    return f"({often}, {habit.least_minor / 100:,.2f}–{habit.most_minor / 100:,.2f})"
