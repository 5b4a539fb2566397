"""Puts numbers into sentences: what accuses, what exonerates, what was not looked at."""

from collections.abc import Sequence
from typing import Any

import polars as pl

from shrinkwatch.records.alert import Exonerating, Peers, Reason, Related
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.rule import Rule, RuleSubject

MOST_REASONS = 3
FEW_EXPOSURES = 30
_STAFF = ("operator", "approver")
_OTHERS = {"loyalty": "loyalty cards", "sku": "articles"}
_TABLES_ASKED = ("stores", "registers", "operators", "items", "shifts")


def number(value: float) -> str:
    """Return a number as a person would say it: two significant digits below 10, else whole.

    >>> [number(x) for x in (0.034, 3.0, 7.25, 1234.4)]
    ['0.034', '3', '7.2', '1,234']
    """
    if abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.2g}"


def one_in(tail: float) -> str:
    """Return N of "one in N" with two significant digits.

    >>> one_in(0.00023), one_in(0.4), one_in(0.0)
    ('4,300', '2.5', 'more than a billion')
    """
    if tail < 1e-9:
        return "more than a billion"
    many = 1.0 / tail
    digits = len(str(int(many))) - 2
    return number(round(many, -digits) if digits > 0 else many)


def reason(rule: Rule, found: dict[str, Any], receipts: pl.DataFrame, currency: str) -> Reason:
    """Return why a rule accuses.

    found: a row of `scoring.weigh.WEIGHED_COLUMNS`. receipts: the subject's firings of the rule.
    """
    scale = 10 ** minor_decimals(currency) if rule.unit == "money" else 1
    value, typical = found["value"] / scale, found["typical"] / scale
    unit = currency if rule.unit == "money" else rule.unit
    loss = int(receipts["loss_minor"].sum()) / 10 ** minor_decimals(currency)
    of_many = f"{number(typical)} of {found['exposed']:,}"
    money = {"value": f"{value:,.2f} {currency}", "typical": f"{typical:,.2f} {currency}"}
    plain = {
        "value": number(value),
        "typical": number(typical) if rule.kind == "extreme" else of_many,
    }
    sentence = rule.sentence.format(
        hits=f"{found['hits']:,}",
        exposure=f"{found['exposed']:,}",
        **(money if rule.unit == "money" else plain),
        tail=one_in(found["tail"]),
        loss=f"{loss:,.2f} {currency}",
    )
    peers = None
    if rule.kind != "known":
        group = peer_group(receipts, rule.subject)
        peers = Peers(group=group, typical=typical, tail_probability=found["tail"])
    return Reason(sentence, rule.id, value, unit, peers, rule.source)


def peer_group(receipts: pl.DataFrame, subject: RuleSubject) -> str:
    """Return in words with whom the subject was compared; what serves a card is not its work."""
    if subject not in _STAFF:
        lane = commonest(receipts, "lane_type")
        others = f"other {_OTHERS.get(subject, f'{subject}s')}"
        return others if lane is None else f"{others} at the same kind of till ({_said(lane)})"
    parts = [commonest(receipts, name) for name in ("role", "lane_type", "tenure_band")]
    named = [_said(part) for part in parts if part is not None and part != "unknown"]
    return "others doing the same work" + (f" ({', '.join(named)})" if named else "")


def _said(name: str) -> str:
    return name.replace("_", " ")


def exonerations(
    rules: Sequence[tuple[int, Rule, dict[str, Any]]], receipts: pl.DataFrame
) -> tuple[Exonerating, ...]:
    """Return what speaks for the subject, facts that rules name first.

    rules: (place, rule, weighed row) of the reasons. receipts: the subject's firings.
    """
    shares: dict[str, tuple[float, int, int]] = {}
    for place, rule, _ in rules:
        mine = receipts.filter(rule=place)
        for bit, excuse in enumerate(rule.exonerating[:32]):
            holds = int(((mine["excused"].to_numpy() >> bit) & 1).sum())
            if holds:
                share = (holds / mine.height, holds, mine.height)
                shares[excuse.sentence] = max(share, shares.get(excuse.sentence, share))
    sentences = [
        f"In {holds} of {_receipts(count)}: {excuse}"
        for excuse, (_, holds, count) in shares.items()
    ]
    if any(rule.subject in _STAFF for _, rule, _ in rules):
        sentences += _of_their_work(receipts)
    chances = (found["exposed"] for _, rule, found in rules if rule.kind != "known")
    fewest = min(chances, default=FEW_EXPOSURES)
    if fewest < FEW_EXPOSURES:
        sentences.append(
            f"Rests on few chances: {_receipts(fewest)} on which it could have happened."
        )
    return tuple(Exonerating(sentence) for sentence in dict.fromkeys(sentences))


def _receipts(count: int) -> str:
    return f"{count} receipt" if count == 1 else f"{count} receipts"


def _of_their_work(receipts: pl.DataFrame) -> list[str]:
    """Return what the work of somebody of the staff explains."""
    sentences = []
    if (receipts["tenure_band"] == "new").any():
        sentences.append("New in the job for some of this time; compared with other new starters.")
    if (receipts["lane_type"] == "service").any():
        sentences.append("Works at a service desk, where such receipts are common.")
    return sentences


def gaps(
    rules: Sequence[Rule], schemes: Sequence[str], silent: dict[str, str], tables: Tables
) -> tuple[str, ...]:
    """Return what could not be checked: rules of these schemes that were silent, tables, video."""
    said = [
        f"{rule.title}: {silent[rule.id]}"
        for rule in rules
        if rule.scheme in schemes and rule.id in silent
    ]
    absent = [kind for kind in _TABLES_ASKED if tables[kind].is_empty()]  # type: ignore[index]
    if absent:
        said.append(f"tables not loaded: {', '.join(absent)}")
    return (*said, "no video was looked at")


def related(subject_type: str, receipts: pl.DataFrame) -> tuple[Related, ...]:
    """Return who else appears in at least a third of the receipts, and at least twice."""
    roles = (
        ("approved by", "approver", "approver_id"),
        ("rung up by", "operator", "operator_id"),
        ("card used", "card", "card_token"),
        ("loyalty id used", "loyalty", "loyalty_id"),
    )
    once = receipts.unique("tx_key", keep="first", maintain_order=True)
    found = []
    for role, kind, column in roles:
        name = commonest(once, column)
        if kind == subject_type or name is None:
            continue
        if (once[column] == name).sum() >= max(2, once.height / 3):
            found.append(Related(role, kind, name))
    return tuple(found)


def commonest(receipts: pl.DataFrame, column: str) -> str | None:
    """Return the most frequent value, the first in order of name among equals; None if all null."""
    counted = (
        receipts[column]
        .drop_nulls()
        .value_counts()
        .sort(["count", column], descending=[True, False])
    )
    return None if counted.is_empty() else str(counted[column][0])
