"""From what people said to the answers that count, and how much each of them weighs.

"unknown" is no answer. Of one person's answers to one question the latest counts; answers of
different people stand side by side. Nothing that nobody answered becomes an answer here.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from msgspec import Struct
from numpy.typing import NDArray

from shrinkwatch.features.labelled import CONFIRMED
from shrinkwatch.models import authors
from shrinkwatch.models.authors import Drift, Trust
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.scoring.conflicts import called

POSITIVE = CONFIRMED
NEGATIVE = ("error", "training_need", "legitimate")

FLAGGED_WEIGHT = 0.1
"""What is left of the weight of an author who is flagged: our assumption."""

DRIFT_DAYS = 28
"""Authors are compared over so many days."""

CLEARLY = 1.5
"""So much heavier must one side be where people disagree; otherwise the question stays open."""

_LIKELY = (0.1, 0.3, 0.6, 0.9)

_QUESTION = {
    "alert": ("alert_id",),
    "subject": ("subject_type", "subject_id", "store_id", "from", "to", "scheme"),
    "transaction": (
        *("source", "transaction_store_id", "register_id", "business_date", "sequence"),
        "transaction_id",
    ),
}

_RAISED: dict[str, pl.DataType | type[pl.DataType]] = {
    "alert_id": pl.String,
    "subject_type": pl.String,
    "subject_id": pl.String,
    "store_id": pl.String,
    "first": pl.Datetime("us", "UTC"),
    "last": pl.Datetime("us", "UTC"),
}

ANSWER_COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    **TABLE_COLUMNS["labels"],
    "kind": pl.String,
    "about": pl.String,
    "author": pl.String,
    "positive": pl.Boolean,
}
"""An answer: its label; `kind`: what it is about, "alert", "subject" (with a window) or
"transaction"; `about`: the same text for the same question; `author`: the name as it is compared,
"" where nobody signed; `positive`: theft or a breach."""


class Author(Struct, frozen=True):
    """What is known of somebody who answers.

    answers: that count. checked: of them, those on check alerts (answered by another person too,
    or by a trusted one). right: of those, in agreement with what the others make most probable.
    hit, false: how often he says theft of a theft, and of honest work. difference, low, high: his
    share of thefts beyond the others' on alike alerts of the last weeks, None where nothing can be
    compared. flagged: why his answers weigh less, None where they do not. weight: of one answer.
    share: of all weight.
    """

    name: str
    answers: int
    checked: int
    right: int
    hit: float
    false: float
    difference: float | None
    low: float | None
    high: float | None
    flagged: str | None
    weight: float
    share: float


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers that count, and what is known of their authors.

    given: ANSWER_COLUMNS, `weight`, and `sure` (of a trusted person), one row per person and
    question, in the order of `at`.
    settled: one row per question: `about`, `kind`, `positive` (null: people disagree),
    `probability` that it was theft, `weight` of all its answers, `answers`, `at` of the first.
    """

    given: pl.DataFrame
    settled: pl.DataFrame
    authors: tuple[Author, ...]


def latest(labels: pl.DataFrame, barred: Collection[str] = ()) -> pl.DataFrame:
    """Return the latest answer of each person to each question, ANSWER_COLUMNS.

    labels: the labels table. barred: row ids that do not count. Who ends with "unknown" has taken
    back what he said.
    """
    kind = (
        pl.when(pl.col("alert_id").is_not_null())
        .then(pl.lit("alert"))
        .when(pl.col("subject_id").is_not_null())
        .then(pl.lit("subject"))
        .otherwise(pl.lit("transaction"))
    )
    about = pl.coalesce(
        pl.when(pl.col("kind") == name).then(pl.concat_str(_texts(columns), separator="\x1f"))
        for name, columns in _QUESTION.items()
    )
    author = pl.col("by").fill_null("").str.strip_chars().str.to_lowercase()
    return (
        labels.filter(~pl.col("row_id").is_in(list(barred)))
        .with_columns(kind=kind, author=author)
        .with_columns(about=about, positive=pl.col("outcome").is_in(POSITIVE))
        .sort("at", maintain_order=True)
        .unique(["kind", "about", "author"], keep="last", maintain_order=True)
        .filter(pl.col("outcome").is_in([*POSITIVE, *NEGATIVE]))
        .select(*ANSWER_COLUMNS)
    )


def _texts(columns: Sequence[str]) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.String).fill_null("") for name in columns]


def answers(
    labels: pl.DataFrame,
    alerts: Sequence[Alert],
    barred: Collection[str],
    trusted: Collection[str],
    now: datetime,
) -> Answers:
    """Return the answers that count, as known now.

    labels: the labels table. alerts: those that were raised; they say which answers are about
    alike things. barred: row ids that do not count. trusted: names whose answers are taken as
    known. now: aware; the drift of authors is measured over the weeks before it.
    """
    given = latest(labels.filter(pl.col("at") <= now), barred)
    if given.is_empty():
        nothing = given.with_columns(
            weight=pl.lit(0.0), sure=pl.lit(value=False), probability=pl.lit(0.0)
        )
        return Answers(nothing.drop("probability"), _settled(nothing), ())
    panel = _Panel(given, alerts, trusted)
    trust = authors.trust(panel.item, panel.author, panel.said, panel.known, len(panel.names))
    recent = (given["at"] > now - timedelta(DRIFT_DAYS)).to_numpy() & (panel.alike >= 0)
    drifts = authors.drifts(
        panel.author[recent],
        panel.said[recent],
        panel.alike[recent],
        len(panel.names),
        panel.fixed,
    )
    people = _judged(panel, trust, drifts)
    weights = {one.name: one.weight for one in people}
    weighed = given.with_columns(
        weight=pl.col("author").replace_strict(weights, return_dtype=pl.Float64),
        sure=pl.Series(panel.fixed[panel.author]),
        probability=pl.Series(trust.theft[panel.item]),
    )
    return Answers(weighed.drop("probability"), _settled(weighed), tuple(people))


class _Panel:
    """The answers as arrays: which question, whose answer, whether it was theft, and how alike.

    known: shape (questions,), what a trusted person said, NaN where none did.
    """

    def __init__(
        self, given: pl.DataFrame, alerts: Sequence[Alert], trusted: Collection[str]
    ) -> None:
        self.names = given["author"].unique().sort().to_list()
        self.author = np.searchsorted(self.names, given["author"].to_list()).astype(np.int64)
        question = given.select(pl.struct("kind", "about").rank("dense")).to_series()
        self.item = question.to_numpy().astype(np.int64) - 1
        self.said = given["positive"].to_numpy()
        self.fixed = np.isin(self.names, [called(name) for name in trusted])
        self.known = np.full(int(self.item.max()) + 1, np.nan)
        sure = self.fixed[self.author]
        self.known[self.item[sure]] = self.said[sure]
        self.alike = _alike(given, alerts)

    @property
    def checked(self) -> NDArray[np.bool_]:
        """Whether another person, or one who is trusted, answered the same question."""
        twice = np.bincount(self.item) >= 2
        return np.asarray(twice[self.item] & ~self.fixed[self.author])


def _alike(given: pl.DataFrame, alerts: Sequence[Alert]) -> NDArray[np.int64]:
    """Return which answers are about alike alerts, -1 where it is not known of an alert.

    Alike are alerts of the same likeliest scheme in the same band of probability.
    """
    kinds = {
        one.alert_id: (
            one.schemes[0].id if one.schemes else "",
            int(np.searchsorted(_LIKELY, one.probability, side="right")),
        )
        for one in alerts
    }
    codes = {kind: code for code, kind in enumerate(sorted(set(kinds.values())))}
    found = [codes[kinds[id_]] if id_ in kinds else -1 for id_ in given["alert_id"]]
    return np.array(found, dtype=np.int64)


def _judged(panel: _Panel, trust: Trust, drifts: Sequence[Drift]) -> list[Author]:
    """Return what is known of each author, with the weight of one of his answers."""
    many = len(panel.names)
    agrees = panel.said == (trust.theft[panel.item] >= 0.5)
    answers_ = np.bincount(panel.author, minlength=many)
    checked = np.bincount(panel.author, panel.checked, many).astype(np.int64)
    right = np.bincount(panel.author, panel.checked & agrees, many).astype(np.int64)
    worse = authors.worse(right, checked) & ~panel.fixed
    why = [
        None if panel.fixed[one] else _why_flagged(drifts[one], fails=bool(worse[one]))
        for one in range(many)
    ]
    flagged = np.array([reason is not None for reason in why])
    telling = np.where(panel.fixed, 1.0, np.clip(trust.hit - trust.false, 0.0, 1.0))
    each = telling * np.where(flagged, FLAGGED_WEIGHT, 1.0)
    counted = (answers_ >= authors.LEAST_ANSWERS) & ~flagged
    each *= authors.capped(each * answers_, counted)
    total = float((each * answers_).sum())
    return [
        Author(
            name=name,
            answers=int(answers_[one]),
            checked=int(checked[one]),
            right=int(right[one]),
            hit=float(trust.hit[one]),
            false=float(trust.false[one]),
            difference=drifts[one].difference,
            low=drifts[one].low,
            high=drifts[one].high,
            flagged=why[one],
            weight=float(each[one]),
            share=float(each[one] * answers_[one] / total) if total else 0.0,
        )
        for one, name in enumerate(panel.names)
    ]


def _why_flagged(drift: Drift, *, fails: bool) -> str | None:
    if drift.flagged and drift.difference is not None:
        than = "less" if drift.difference < 0 else "more"
        points = abs(100 * drift.difference)
        return f"finds theft {points:.0f} points {than} often than the others on alike alerts"
    return "is right on check alerts less often than the others" if fails else None


def _settled(weighed: pl.DataFrame) -> pl.DataFrame:
    """Return one row per question; `weighed`: the answers with `weight` and `probability`."""
    return (
        weighed.with_columns(_heavy("kind", "about"))
        .group_by("kind", "about", maintain_order=True)
        .agg(
            _verdict().alias("positive"),
            probability=pl.col("probability").first(),
            weight=pl.col("weight").sum(),
            answers=pl.len(),
            at=pl.col("at").min(),
        )
    )


def _heavy(*question: str) -> pl.Expr:
    """Return the weight with which an answer settles its question: a trusted one does it alone."""
    settles = pl.col("sure") | ~pl.col("sure").any().over(question)
    return pl.when(settles).then("weight").otherwise(0.0).alias("heavy")


def _verdict() -> pl.Expr:
    """Return whether the answers of a group say theft, null where no side is clearly heavier."""
    for_it = pl.col("heavy").filter("positive").sum()
    against = pl.col("heavy").filter(~pl.col("positive")).sum()
    clear = pl.max_horizontal(for_it, against) >= CLEARLY * pl.min_horizontal(for_it, against)
    return pl.when(clear).then(for_it > against)


def outcomes(given: pl.DataFrame, alerts: Sequence[Alert]) -> pl.DataFrame:
    """Return what the answered alerts came to, one row each.

    given: of `Answers`. An answer on the alert counts, and one on its subject in a time that
    touches its window; one on a single receipt settles no lead on somebody. Columns: `alert_id`;
    `outcome`, "disagreed" where no side is clearly heavier; `positive`, null there; `people`.
    """
    said = of_alerts(given, alerts).with_columns(_heavy("alert_id"))
    found = said.group_by("alert_id", maintain_order=True).agg(
        _verdict().alias("positive"),
        people=pl.col("author").n_unique(),
        for_it=pl.col("outcome").filter(pl.col("positive") & (pl.col("heavy") > 0)).last(),
        against=pl.col("outcome").filter(~pl.col("positive") & (pl.col("heavy") > 0)).last(),
    )
    word = pl.when("positive").then("for_it").when(~pl.col("positive")).then("against")
    return found.select(
        "alert_id", word.otherwise(pl.lit("disagreed")).alias("outcome"), "positive", "people"
    )


def of_alerts(given: pl.DataFrame, alerts: Sequence[Alert]) -> pl.DataFrame:
    """Return the answers that bear on these alerts, under each `alert_id`, in the order of `at`."""
    raised = pl.DataFrame(
        [(one.alert_id, *_whom(one), one.window.from_, one.window.to) for one in alerts],
        schema=_RAISED,
        orient="row",
    )
    columns = ["alert_id", *(name for name in given.columns if name != "alert_id")]
    direct = given.filter(kind="alert").join(raised, on="alert_id", how="semi")
    whom = ["subject_type", "subject_id", "store_id"]
    about = (
        given.filter(kind="subject")
        .drop("alert_id")
        .join(raised, on=whom, how="inner", nulls_equal=True)
        .filter((pl.col("from") <= pl.col("last")).fill_null(value=True))
        .filter((pl.col("to") >= pl.col("first")).fill_null(value=True))
    )
    return pl.concat([direct.select(columns), about.select(columns)]).sort(
        "at", maintain_order=True
    )


def _whom(alert: Alert) -> tuple[str, str, str | None]:
    return alert.subject.type, alert.subject.id, alert.subject.store_id
