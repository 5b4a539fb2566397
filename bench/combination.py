"""How the evidence of many rules is best put together: ours against published ways.

    python bench/combination.py [--stores 10] [--cache bench-combination] [--seeds 1 2 3 4 5]

Simulates the development chains (seeds 1 to 5, eight weeks), replays each as `shrinkwatch score`
does, and keeps once in `--cache` what every rule said of every operator on every day: hits,
expected hits, tail probability, Bayes factors of the three views, and whether its receipts show a
theft of the operator's own. On that same evidence every way gives each operator a score. Compared
is what a person would see: an operator and week is one alert, where one rule's loss is above the
review's cost; of each chain the best are taken, as many as our way raises from probability 0.5 on.

Printed: right alerts of all; thieves found, and of their loss; average precision of the whole
ranking (all chains together); and for those that are probabilities the calibration error of all
leads from 3 % on. No label is used by any way. Ways that only rank accuse by the rules of the
scheme that they rank first.
"""

import argparse
import datetime
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import expit, logsumexp
from scipy.stats import chi2, norm

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.models import extremes, unlabelled
from shrinkwatch.models.counts import PRIOR_SHAPE
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.judge import Judgement
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.answers import Theft, actor_of, answers_of, key_of
from shrinkwatch.run.benchmark.judging import LATE
from shrinkwatch.run.benchmark.trial import EVERY_LEAD, loaded
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import Replay
from shrinkwatch.run.settings import read
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.ledger import found
from shrinkwatch.scoring.standing import Standing, log_factor_without_hits
from shrinkwatch.scoring.weigh import weigh
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.settings import WorldSettings

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SUBJECT = "operator"
INTENSITY = {1: 1.0, 2: 1.4, 3: 0.7, 4: 1.0, 5: 1.0}
"""As in the development suite."""
REVIEW_COST_MINOR = 2500.0
FLOOR, LEAD = 0.5, 0.03
VIEWS = ("window", "week", "dear")


# What every rule said of every operator, day by day.


class Notebook:
    """A desk beside which everything is written down. answers: theft of each natural key."""

    def __init__(self, rules: Sequence[Rule], stolen: dict[Any, list[Theft]]) -> None:
        self.desk = Desk.new(rules, EVERY_LEAD)
        self.hunt = next(one for one in self.desk.hunts if one.subject == SUBJECT)
        self.stolen = stolen
        self.rows: list[pl.DataFrame] = []
        self.known: list[pl.DataFrame] = []
        self.priors: dict[str, list[float]] = {}

    def see(
        self, frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
    ) -> None:
        """Take in a batch."""
        self.desk.see(frame, judgement, tenders)

    def close_day(self, day: datetime.date, tables: Tables) -> list[Any]:
        """Close the day and write down what is known of every operator."""
        self.desk.close_day(day, tables)
        evidence, hunt = self.desk.evidence, self.hunt
        everybody = evidence.chances.ledgers[hunt.column].subjects()
        said = weigh(evidence, hunt.column, hunt.places, everybody, self.desk.weights)
        if SUBJECT not in self.desk.priors or said.rows.is_empty():
            return []
        rows = said.rows.join(self._views(said.rows), on=["rule", "key"], how="left")
        rows = rows.join(self._shown(said.rows, day), on=["rule", "key"], how="left")
        self.rows.append(rows.with_columns(day=pl.lit(day)))
        known = {"key": said.keys, "known": said.known.tolist()}
        self.known.append(pl.DataFrame(known).with_columns(day=pl.lit(day)))
        self.priors[str(day)] = self.desk.priors[SUBJECT]
        return []

    def _views(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Return rule, key and the log Bayes factors of the three views."""
        nothing = {"rule": pl.UInt16, "key": pl.UInt64, **dict.fromkeys(VIEWS, pl.Float64)}
        parts, evidence = [pl.DataFrame(schema=nothing)], self.desk.evidence
        for number, chance in enumerate(evidence.chances.shared[self.hunt.column]):
            for rule in chance.rules:
                keys = rows.filter(rule=rule)["key"].sort().to_numpy()
                if chance.extreme or keys.size == 0:
                    continue
                crowd = evidence.chances.crowd(self.hunt.column, number)
                at = found(crowd.keys, keys)[0]
                shape = self.desk.weights.shapes.get(rule, PRIOR_SHAPE)
                views = Standing(evidence, crowd, rule).views(at, shape)
                told = {"rule": np.full(keys.size, rule, np.uint16), "key": keys}
                parts.append(pl.DataFrame(told | dict(zip(VIEWS, views, strict=True))))
        return pl.concat(parts)

    def _shown(self, rows: pl.DataFrame, day: datetime.date) -> pl.DataFrame:
        """Return rule, key, the operator, whether its receipts show own thefts, any of today."""
        fired = self.desk.evidence.fired(np.sort(rows["key"].unique().to_numpy()))
        parts = []
        for (rule, key), mine in fired.group_by("rule", "key"):
            last = mine["arrived_at"].max()
            names = mine.select(
                *("source", "store_id", "register_id", "business_date"),
                *("sequence", "transaction_id"),
            )
            store, person = mine["store_id"][0], mine["operator_id"][0]
            thefts = [theft for name in names.iter_rows() for theft in self._of(name)]
            own = any(
                theft.actor == actor_of(SUBJECT, str(person), store)
                and last - LATE <= theft.at <= last
                for theft in thefts
            )
            parts.append((rule, key, f"{store}/{person}", own, bool((mine["day"] == day).any())))
        schema = {"rule": pl.UInt16, "key": pl.UInt64, "who": pl.String}
        return pl.DataFrame(parts, schema | {"own": pl.Boolean, "fresh": pl.Boolean}, orient="row")

    def _of(self, name: tuple[Any, ...]) -> list[Theft]:
        return self.stolen.get(key_of(*name), [])


def note(seed: int, stores: int, folder: Path) -> None:
    """Simulate and replay a chain and keep what its notebook holds."""
    world = simulate(WorldSettings(seed=seed, stores=stores, weeks=8, intensity=INTENSITY[seed]))
    answers, stolen = answers_of(world), dict[Any, list[Theft]]()
    losses: Counter[str] = Counter()
    for theft in answers.thefts:
        stolen.setdefault(theft.key, []).append(theft)
        kind, person, store = theft.actor
        if kind == SUBJECT:
            losses[f"{store}/{person}"] += theft.loss_minor
    with loaded(world) as workspace:
        rules = rules_on(workspace.folder, read(workspace.folder))
        tables = workspace.journal.tables()
        book = Notebook(rules, stolen)
        replay = Replay(rules, FeatureStream.new(tables), book, tables)  # type: ignore[arg-type]
        for day in workspace.journal.days():
            replay.whole_day(workspace.journal, day)
    hunt = book.hunt
    said = {
        "places": hunt.places,
        "schemes": hunt.schemes,
        "scheme_of": hunt.scheme_of.tolist(),
        "extreme": [rules[place].kind == "extreme" for place in hunt.places],
        "priors": book.priors,
        "losses": losses,
    }
    folder.mkdir(parents=True, exist_ok=True)
    pl.concat(book.rows).write_parquet(folder / f"{seed}-{stores}-rows.parquet")
    pl.concat(book.known).write_parquet(folder / f"{seed}-{stores}-known.parquet")
    (folder / f"{seed}-{stores}.json").write_text(json.dumps(said))


@dataclass(frozen=True, slots=True)
class Chain:
    """What was noted, (cases, rules) where nothing else is said; a case is an operator on a day.

    views: (3, cases, rules) log Bayes factors; of a rule without hits that of no hit, 0 if not
    `known`. tail: 1 without hits. excess: loss beyond peers', minor units. prior: (cases, schemes).
    """

    day: NDArray[np.int64]
    who: list[str]
    views: Floats
    factor: Floats
    tail: Floats
    known: Mask
    hit: Mask
    own: Mask
    fresh: Mask
    excess: Floats
    scheme_of: NDArray[np.int64]
    schemes: int
    prior: Floats
    losses: dict[str, int]


def read_chain(seed: int, stores: int, folder: Path) -> Chain:
    """Return the chain that `note` kept."""
    said = json.loads((folder / f"{seed}-{stores}.json").read_text())
    rows = pl.read_parquet(folder / f"{seed}-{stores}-rows.parquet")
    case = pl.read_parquet(folder / f"{seed}-{stores}-known.parquet").with_row_index("case")
    rows = rows.join(case.select("case", "key", "day"), on=["key", "day"])
    known = np.array(case["known"].to_list(), dtype=np.bool_)
    at = (rows["case"].to_numpy(), np.searchsorted(said["places"], rows["rule"].to_numpy()))
    without = np.where(known, log_factor_without_hits(), 0.0)

    def put(name: str, rest: Any) -> NDArray[Any]:
        table = np.full(known.shape, rest) if np.ndim(rest) == 0 else np.array(rest)
        table[at] = rows[name].to_numpy()
        return table

    extreme = np.array(said["extreme"])
    factor, tail = put("log_factor", without), put("tail", 1.0)
    usual = np.where(extreme, tail, put("expected", 0.0) / np.maximum(put("hits", 0.0), 1.0))
    views = np.stack([put(name, without) for name in VIEWS])
    people = dict(rows.select("key", "who").drop_nulls().iter_rows())
    return Chain(
        day=case["day"].to_physical().to_numpy().astype(np.int64),
        who=[people.get(key, "") for key in case["key"]],
        views=np.where(np.isnan(views), factor, views),
        factor=factor,
        tail=tail,
        known=known,
        hit=put("hits", 0.0) > 0,
        own=put("own", rest=False),
        fresh=put("fresh", rest=False),
        excess=put("loss_minor", 0.0) * np.maximum(0.0, 1.0 - usual),
        scheme_of=np.array(said["scheme_of"]),
        schemes=len(said["schemes"]),
        prior=np.array([said["priors"][str(day)] for day in case["day"]]),
        losses=said["losses"],
    )


# Ways to put it together: each gives a score per case, and which rules accuse.


@dataclass(frozen=True, slots=True)
class Said:
    """score: (cases,). accuses: (cases, rules). probability: (cases,), None of one that ranks."""

    score: Floats
    accuses: Mask
    probability: Floats | None = None


Way = Callable[[Chain], Said]
Combine = Callable[[Floats, Mask], Floats]


def exclusive(per_scheme: Callable[[Chain], Floats]) -> Way:
    """Return the way of exclusive schemes with our prior, on such log factors per scheme."""

    def way(chain: Chain) -> Said:
        weight = per_scheme(chain) + np.log(chain.prior)
        honest = np.log1p(-chain.prior.sum(axis=1))
        odds = logsumexp(weight, axis=1) - honest
        share = np.exp(weight - logsumexp(weight, axis=1)[:, None])
        accuses = (chain.factor > 0) & (share >= 0.05)[:, chain.scheme_of]
        return Said(odds, accuses, expit(odds))

    return way


def mean_of(factors: Callable[[Chain], Floats]) -> Callable[[Chain], Floats]:
    """Return our mean over the rules of each scheme."""
    return lambda chain: unlabelled.scheme_log_factors(
        factors(chain), chain.known, chain.scheme_of, chain.schemes
    )


def by_scheme(chain: Chain, table: Floats, rest: float, combine: Combine) -> Floats:
    """Return (cases, schemes) of what `combine` makes of the scheme's rules and who is known."""
    each = np.zeros((table.shape[0], chain.schemes))
    for one in range(chain.schemes):
        mine = np.flatnonzero(chain.scheme_of == one)
        known = chain.known[:, mine]
        each[:, one] = combine(np.where(known, table[:, mine], rest), known)
    return each


def largest(factors: Floats, known: Mask) -> Floats:
    """Return the largest log factor, 0 where none is known."""
    return np.where(known.any(axis=1), factors.max(axis=1), 0.0)


def product(factors: Floats, known: Mask) -> Floats:
    """Return the sum of log factors, as if rules were independent."""
    return np.asarray(factors.sum(axis=1))


def views_of(*names: str) -> Callable[[Chain], Floats]:
    """Return the log of the mean factor of these views."""
    some = [VIEWS.index(name) for name in names]
    return lambda chain: np.asarray(logsumexp(chain.views[some], axis=0) - np.log(len(some)))


def calibrated_tails(chain: Chain) -> Floats:
    """Return the tails as evidence: the mixture of power calibrators (Vovk & Wang 2021)."""
    evidence = np.where(chain.hit, extremes.log_e_value(chain.tail), np.log(0.5))
    return np.where(chain.known, evidence, 0.0)


def noisy_or(factors: Callable[[Chain], Floats]) -> Way:
    """Return the noisy-or of each rule's own probability (Pearl 1988), as if independent."""

    def way(chain: Chain) -> Said:
        rules_of = np.bincount(chain.scheme_of, minlength=chain.schemes)
        prior = np.log(chain.prior / rules_of)[:, chain.scheme_of]
        odds = np.where(chain.known, factors(chain) + prior, -np.inf)
        innocent = -np.logaddexp(0.0, odds).sum(axis=1)
        # 1 - exp(innocent), as log odds; far out both ends stay apart
        score = np.log(-np.expm1(innocent)) - innocent
        return Said(score, chain.factor > 0, expit(score))

    return way


def in_schemes(combine: Combine) -> Way:
    """Return the way that combines the tails of a scheme's rules and takes the best scheme."""

    def way(chain: Chain) -> Said:
        each = by_scheme(chain, chain.tail, 1.0, combine)
        best = each.argmax(axis=1)
        return Said(each.max(axis=1), (chain.factor > 0) & (chain.scheme_of == best[:, None]))

    return way


def over_all(combine: Combine) -> Way:
    """Return the way that combines the tails of all rules."""
    return lambda chain: Said(
        combine(np.where(chain.known, chain.tail, 1.0), chain.known), chain.factor > 0
    )


def fisher(tail: Floats, known: Mask) -> Floats:
    """Return -log p of Fisher 1932: minus twice the sum of logs is chi-squared."""
    many = np.maximum(known.sum(axis=1), 1)
    return -chi2.logsf(-2.0 * np.log(np.maximum(tail, 1e-300)).sum(axis=1), 2 * many)


def stouffer(tail: Floats, known: Mask) -> Floats:
    """Return -log p of Stouffer 1949; a tail above a half (no hit) neither adds nor takes."""
    z = norm.isf(np.clip(tail, 1e-300, 0.5))
    return -norm.logsf(z.sum(axis=1) / np.sqrt(np.maximum(known.sum(axis=1), 1)))


def harmonic(tail: Floats, known: Mask) -> Floats:
    """Return minus the log of the harmonic mean p (Wilson 2019, PNAS 116)."""
    inverse = np.where(known, 1.0 / np.maximum(tail, 1e-300), 0.0).sum(axis=1)
    return np.log(np.maximum(inverse, 1e-9) / np.maximum(known.sum(axis=1), 1))


def cauchy(tail: Floats, known: Mask) -> Floats:
    """Return the log of the mean Cauchy quantile (Liu & Xie 2020, JASA 115); not positive: -20."""
    small = 1.0 / (np.pi * np.maximum(tail, 1e-300))
    quantile = np.where(tail < 1e-10, small, np.tan((0.5 - np.minimum(tail, 0.999)) * np.pi))
    mean = np.where(known, quantile, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    return np.where(mean > 0, np.log(np.maximum(mean, 1e-9)), -20.0)


VOTES = (0.05, 1e-3, 1e-6)
"""A rule votes 0 to 3: how many of these its tail is below; one that knows no peers abstains."""
HONEST_VOTES = np.array([0.95, 0.045, 0.0049, 0.0001])
THIEF_VOTES = np.array([0.85, 0.05, 0.04, 0.06])
"""How votes are taken to fall before anything is seen, worth 20 honest people and 5 thieves."""


def label_model(chain: Chain) -> Said:
    """Rules as voters of unknown accuracy, independent given the truth, learned by EM each day.

    Source: Dawid & Skene 1979, Applied Statistics 28; Ratner et al. 2017, "Snorkel", VLDB 11.
    """
    votes = np.where(chain.known, sum((chain.tail < level).astype(int) for level in VOTES), -1)
    score = np.zeros(len(chain.who))
    for day in np.unique(chain.day):
        mine = np.flatnonzero(chain.day == day)
        score[mine] = _voted(votes[mine])
    return Said(score, chain.factor > 0, expit(score))


def _voted(votes: NDArray[np.int64]) -> Floats:
    """Return the log odds of each voted on, (cases,)."""
    kinds = range(len(VOTES) + 1)
    cast = np.stack([votes == kind for kind in kinds], axis=2).astype(np.float64)
    honest = np.tile(HONEST_VOTES, (votes.shape[1], 1))
    thief = np.tile(THIEF_VOTES, (votes.shape[1], 1))
    share, odds = 0.05, np.zeros(votes.shape[0])
    for _ in range(20):
        odds = np.log(share / (1.0 - share)) + np.einsum(
            "crk,rk->c", cast, np.log(thief) - np.log(honest)
        )
        guilty = expit(odds)
        honest = np.einsum("crk,c->rk", cast, 1.0 - guilty) + 20.0 * HONEST_VOTES
        thief = np.einsum("crk,c->rk", cast, guilty) + 5.0 * THIEF_VOTES
        honest /= honest.sum(axis=1, keepdims=True)
        thief /= thief.sum(axis=1, keepdims=True)
        share = float(np.clip(guilty.mean(), 0.005, unlabelled.MOST_PRIOR))
    return odds


def _factor(chain: Chain) -> Floats:
    return chain.factor


OURS = "ours: mean, exclusive schemes"
WAYS: dict[str, Way] = {
    OURS: exclusive(mean_of(_factor)),
    "largest of a scheme's rules": exclusive(
        lambda chain: by_scheme(chain, chain.factor, -np.inf, largest)
    ),
    "product of a scheme's rules": exclusive(
        lambda chain: by_scheme(chain, chain.factor, 0.0, product)
    ),
    "ours, window alone": exclusive(mean_of(views_of("window"))),
    "ours, without the last week": exclusive(mean_of(views_of("window", "dear"))),
    "ours, without dear hits": exclusive(mean_of(views_of("window", "week"))),
    "noisy-or of our factors": noisy_or(_factor),
    "noisy-or of calibrated tails": noisy_or(calibrated_tails),
    "calibrated tails, else as ours": exclusive(mean_of(calibrated_tails)),
    "Fisher in a scheme": in_schemes(fisher),
    "Fisher over all rules": over_all(fisher),
    "Stouffer in a scheme": in_schemes(stouffer),
    "Stouffer over all rules": over_all(stouffer),
    "harmonic mean in a scheme": in_schemes(harmonic),
    "harmonic mean over all rules": over_all(harmonic),
    "Cauchy in a scheme": in_schemes(cauchy),
    "Cauchy over all rules": over_all(cauchy),
    "label model over rules": label_model,
}


# What comes of each.


@dataclass(frozen=True, slots=True)
class Alert:
    """An operator in a week, at his highest score of a day on which the alert could be raised."""

    score: float
    probability: float | None
    right: bool
    who: str


def alerts(chain: Chain, said: Said, least_loss: float, floor: float | None = None) -> list[Alert]:
    """Return the alerts, the highest first. least_loss: minor units. floor: of a probability.

    With a floor an alert is right or wrong as it stands at the end of its week, as the product's.
    """
    accuses = said.accuses & chain.hit
    loss = np.where(accuses, chain.excess, 0.0).max(axis=1)
    right = (accuses & chain.own).any(axis=1)
    can = (accuses & chain.fresh).any(axis=1) & (loss > least_loss)
    if floor is not None and said.probability is not None:
        can &= said.probability >= floor
    best: dict[tuple[str, int], Alert] = {}
    for case in np.flatnonzero(can)[np.argsort(chain.day[can], kind="stable")]:
        name = (chain.who[case], int(chain.day[case] + 3) // 7)  # weeks from Monday
        chance = None if said.probability is None else float(said.probability[case])
        now = Alert(float(said.score[case]), chance, bool(right[case]), chain.who[case])
        if name not in best or floor is not None or now.score > best[name].score:
            best[name] = now
    return sorted(best.values(), key=lambda one: -one.score)


def calibration_error(leads: Sequence[Alert]) -> float:
    """Return the expected calibration error of these leads in ten bins."""
    said = np.array([one.probability for one in leads], dtype=np.float64)
    was = np.array([one.right for one in leads], dtype=np.float64)
    bin_ = np.minimum((10 * said).astype(np.int64), 9)
    off = [abs((said - was)[bin_ == one].sum()) for one in range(10)]
    return float(sum(off) / max(said.size, 1))


def average_precision(ranked: Sequence[Alert]) -> float:
    """Return the mean over right alerts of the precision down to each."""
    was = np.array([one.right for one in sorted(ranked, key=lambda one: -one.score)], dtype=float)
    precision = np.cumsum(was) / np.arange(1, was.size + 1)
    return float((precision * was).sum() / max(was.sum(), 1.0))


def main() -> None:
    """Print the table."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--stores", type=int, default=10)
    asked.add_argument("--cache", type=Path, default=Path("bench-combination"))
    asked.add_argument("--seeds", type=int, nargs="+", default=list(INTENSITY))
    given = asked.parse_args()
    chains = []
    for seed in given.seeds:
        if not (given.cache / f"{seed}-{given.stores}.json").is_file():
            note(seed, given.stores, given.cache)
        chains.append(read_chain(seed, given.stores, given.cache))
    many = [
        sum(one.score >= 0.0 for one in alerts(chain, WAYS[OURS](chain), REVIEW_COST_MINOR))
        for chain in chains
    ]
    print(f"{'way':32} right of  pooled  thieves   loss  average  error")
    for name, way in WAYS.items():
        said = [way(chain) for chain in chains]
        ranked = [
            alerts(chain, one, REVIEW_COST_MINOR) for chain, one in zip(chains, said, strict=True)
        ]
        best = [every[:count] for every, count in zip(ranked, many, strict=True)]
        every_one = [one for each in ranked for one in each]
        together = sorted(every_one, key=lambda one: -one.score)[: sum(many)]
        caught = [{one.who for one in some if one.right} for some in best]
        loss = sum(
            taken
            for chain, mine in zip(chains, caught, strict=True)
            for who, taken in chain.losses.items()
            if who in mine
        ) / sum(sum(chain.losses.values()) for chain in chains)
        leads = [
            one
            for chain, each in zip(chains, said, strict=True)
            if each.probability is not None
            for one in alerts(chain, each, 0.0, LEAD)
        ]
        right, of = sum(one.right for some in best for one in some), sum(map(len, best))
        error = f"{calibration_error(leads):.3f}" if leads else "    -"
        print(
            f"{name:32} {right:4} {of:3}  {sum(one.right for one in together):6}"
            f"  {sum(map(len, caught)):3}/{sum(len(c.losses) for c in chains)}"
            f"  {loss:5.2f}  {average_precision(every_one):7.3f}  {error}"
        )


if __name__ == "__main__":
    main()
