"""What answers are worth: false alerts with and without learning, on simulated chains.

    python bench/feedback.py [--chains 5] [--stores 40] [--first-seed 3001]

Each chain is replayed once, as `score` does it; every lead of every closed day is kept with its
dossier, its alert and the truth (CONTRACT §4). On these, several ways of choosing are played:

- without answers: the shipped system, which never hears any;
- learning: a simulated investigator answers every alert on the day after it opened, one answer in
  twenty wrong. After the first week, which is that of the shipped system, it learns every night
  from the answers so far (`models.learned`), and the model ranks the leads of the next day;
- told everything: the same learner hears the truth of every lead at once, and all of the other
  chains: what this learner could make of these features, were answers free;
- best possible: who knows the truth chooses.

Each day every way opens as many new alerts as the shipped system does on that day, so that all
have an equal number. That is done at two places: as shipped, and for a chain that looks at more
(from 5 % probability on, whatever the loss). Counted are alerts opened in weeks 2 to 8. Avoidable
is what who is told everything avoids. The gate does not decide here: it asks for more answers than
a chain of this size gives in eight weeks.

Then four investigators share the stores; one of every five alerts is answered by two. One of them
calls everything honest, always: how many thieves of his stores are still found in 30 days, beside
the same crew when he is honest, and is he flagged (`scoring.answers`)?

Last, each chain is replayed without the rules of one scheme, as if nobody had thought of it: what
does the lot (`scoring.audit`) draw of its thieves, and what did the power calculation promise?

Goals: false alerts fall by 60 % of what is avoidable, at no fewer thieves found (DESIGN); the ring
loses at most 2 points of its recall.
"""

import argparse
import time
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.models.learned import LearnedModel, fit
from shrinkwatch.models.sampling import weeks_until_seen
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import TABLE_COLUMNS, Tables
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.answers import Actor, Answers, answers_of
from shrinkwatch.run.benchmark.judging import judge, stripped
from shrinkwatch.run.benchmark.trial import loaded
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import Replay
from shrinkwatch.run.settings import read
from shrinkwatch.run.train import with_answers
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.answers import Author, answers
from shrinkwatch.scoring.desk import Desk, name_of
from shrinkwatch.scoring.document import Case
from shrinkwatch.scoring.dossier import LEAD_FLOOR, RISING, WHO
from shrinkwatch.scoring.settings import ScoringSettings
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.settings import WorldSettings

START = date(2026, 3, 2)
WEEKS = 8
LEARNS_FROM = START + timedelta(7)
WRONG = 0.05
FIRST_SEED = 3001
INTENSITIES = (0.75, 1.0, 1.5)

CREW = ("ann", "bob", "cem", "dora")
CORRUPT = CREW[0]
TWICE = 0.2
CROOKED_DAYS = 30

UNSEEN = ("post_void", "cancel_after_total", "price_override", "keyed_refund", "ghost_refund")

EVERY_LEAD = ScoringSettings(
    per_store_week=10**6,
    chain_per_week=10**6,
    review_cost=-1.0,
    probability_floor=LEAD_FLOOR,
    audit_share=0.0,
)

TOLD = {"alert_id": pl.String, "outcome": pl.Int8, "trust": pl.Float64, "propensity": pl.Float64}
"""Answers that count, as `run.train.answers_of` gives them."""


class Place(NamedTuple):
    """From which probability on, and at what cost in minor units, a lead becomes an alert."""

    floor: float
    cost: float


PLACES = {
    "as shipped": Place(0.3, 100 * ScoringSettings().review_cost),
    "looking at more": Place(0.05, 0.0),
}


class Night(NamedTuple):
    """A closed day: a dossier per lead with the truth (`right`), and its alert beside it."""

    day: date
    rows: pl.DataFrame
    alerts: tuple[Alert, ...]
    actors: tuple[Actor, ...]


class Chain(NamedTuple):
    """A chain that was replayed; thieves: staff and customers who stole anything."""

    seed: int
    nights: tuple[Night, ...]
    unseen: "Unseen"


class Unseen(NamedTuple):
    """What the lot drew of a scheme without rules; weeks: until a thief is drawn with 90 %."""

    scheme: str
    thieves: int
    chosen: int
    draws: int
    found: int
    weeks: float


class Watching(Desk):
    """Raises every lead, and keeps what is known of it."""

    def __init__(self, rules: Sequence[Rule], truth: Answers) -> None:
        super().__init__(rules, EVERY_LEAD)
        self.truth = truth
        self.nights: list[Night] = []

    def issue(self, cases: Sequence[Case], tables: Tables) -> list[Alert]:
        """Keep the day."""
        super().issue(cases, tables)
        known = [self.opened.get(name_of(case)) for case in cases]  # none where nothing was lost
        rows = self.dossiers.filter(pl.Series([alert is not None for alert in known], dtype=bool))
        alerts = tuple(alert for alert in known if alert is not None)
        judged = judge(map(stripped, alerts), self.truth)
        rows = rows.with_columns(
            alert_id=pl.Series([alert.alert_id for alert in alerts], dtype=pl.String),
            right=pl.Series([one.is_right for one in judged], dtype=pl.Boolean),
        )
        day = self.evidence.chances.days()[-1]
        self.nights.append(Night(day, rows, alerts, tuple(one.raised.actor for one in judged)))
        return []


def replayed(seed: int, stores: int, unseen: str) -> Chain:
    """Simulate a chain and replay it, with all rules and without those of one scheme."""
    world = simulate(
        WorldSettings(
            seed=seed,
            stores=stores,
            weeks=WEEKS,
            start=START,
            intensity=INTENSITIES[seed % 3],
            transactions_per_store_day=200.0,
        )
    )
    truth = answers_of(world)
    with loaded(world) as workspace:
        rules = rules_on(workspace.folder, read(workspace.folder))
        desk = Watching(rules, truth)
        replay(workspace, rules, desk)
        return Chain(seed, tuple(desk.nights), without_rules(workspace, rules, truth, unseen))


def replay(workspace: Workspace, rules: Sequence[Rule], desk: Desk) -> list[Alert]:
    """Replay the journal and return the alerts as they stood last."""
    tables, alerts = workspace.journal.tables(), {}
    loop = Replay(tuple(rules), FeatureStream.new(tables), desk, tables)
    for day in workspace.journal.days():
        _, some = loop.whole_day(workspace.journal, day)
        alerts |= {alert.alert_id: alert for alert in some}
    return list(alerts.values())


def without_rules(
    workspace: Workspace, rules: Sequence[Rule], truth: Answers, scheme: str
) -> Unseen:
    """Return what the lot draws of the thieves of a scheme that has no rule."""
    rest = [rule for rule in rules if rule.scheme != scheme]
    desk = Desk.new(rest, read(workspace.folder).scoring())
    alerts = replay(workspace, rest, desk)
    thieves = {theft.actor for theft in truth.thefts if theft.scheme == scheme}

    def of(way: str) -> list[Actor]:
        return [stripped(alert).actor for alert in alerts if alert.chosen_by == way]

    strata = [one for week in desk.audit.log.values() for one in week]
    chance = sum(one.expected for one in strata) / max(sum(one.leads for one in strata), 1)
    drawn = of("audit")
    return Unseen(
        scheme=scheme,
        thieves=len(thieves),
        chosen=len(thieves & set(of("score"))),
        draws=len(drawn),
        found=len(thieves & set(drawn)),
        weeks=weeks_until_seen(1.0, chance),
    )


@dataclass
class Queue:
    """The alerts that one way of choosing opened, by id: when, and the lead as it stood last."""

    opened: dict[str, date] = field(default_factory=dict)
    right: dict[str, bool] = field(default_factory=dict)
    actor: dict[str, Actor] = field(default_factory=dict)
    alert: dict[str, Alert] = field(default_factory=dict)

    def open(self, night: Night, rows: Collection[int]) -> None:
        """Open these leads of the night, and bring up to date what is open."""
        ids = night.rows["alert_id"].to_list()
        self.opened |= {ids[row]: night.day for row in rows}
        for row, (id_, right) in enumerate(zip(ids, night.rows["right"].to_list(), strict=True)):
            if id_ in self.opened:
                self.right[id_], self.actor[id_] = right, night.actors[row]
                self.alert[id_] = night.alerts[row]

    def new(self, night: Night) -> NDArray[np.bool_]:
        """Return which leads of the night are not open."""
        return np.array([id_ not in self.opened for id_ in night.rows["alert_id"]], dtype=bool)

    def counted(self) -> "Count":
        """Return what came of it after the first week."""
        late = [id_ for id_, day in self.opened.items() if day >= LEARNS_FROM]
        thieves = {self.actor[id_] for id_, right in self.right.items() if right}
        return Count(len(late), sum(not self.right[id_] for id_ in late), len(thieves))


class Count(NamedTuple):
    """Of weeks 2 to 8: alerts, those that were wrong, and thieves found in all weeks."""

    alerts: int
    wrong: int
    thieves: int


Rank = Callable[[Night, Queue], NDArray[np.float64]]
"""Returns how probable each lead of the night is, knowing the queue until the night before."""


def play(nights: Sequence[Night], place: Place, rank: Rank | None) -> Queue:
    """Return what is opened by this ranking from the second week on; None: as without answers."""
    shipped, mine = Queue(), Queue()
    for night in nights:
        said = night.rows["probability"].to_numpy()
        worth = eligible(night, said, place) & (said >= place.floor) & shipped.new(night)
        shipped.open(night, np.flatnonzero(worth).tolist())
        if rank is None:
            continue
        if night.day >= LEARNS_FROM:
            said = rank(night, mine)
        may = np.flatnonzero(eligible(night, said, place) & mine.new(night))
        best = may[np.argsort(-said[may], kind="stable")][: int(worth.sum())]
        mine.open(night, best.tolist())
    return shipped if rank is None else mine


def eligible(night: Night, probable: NDArray[np.float64], place: Place) -> NDArray[np.bool_]:
    """Return which leads are worth their review at these probabilities."""
    worth: NDArray[np.bool_] = probable * night.rows["loss_minor"].to_numpy() > place.cost
    return worth


def first_week(nights: Sequence[Night]) -> list[pl.DataFrame]:
    """Return the dossiers of the nights before anything is learned."""
    return [night.rows for night in nights if night.day < LEARNS_FROM]


class Learning:
    """Learns every night from what one investigator said of the alerts in the queue."""

    def __init__(self, nights: Sequence[Night], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.seen = first_week(nights)
        self.said: dict[str, int] = {}

    def __call__(self, night: Night, queue: Queue) -> NDArray[np.float64]:
        """Return how probable the leads are."""
        for id_ in queue.opened.keys() - self.said.keys():
            self.said[id_] = int(queue.right[id_] != (self.rng.random() < WRONG))
        rows = [(id_, said, 1.0, 1.0) for id_, said in sorted(self.said.items())]
        model = learned(self.seen, pl.DataFrame(rows, schema=TOLD, orient="row"))
        self.seen.append(night.rows)
        return probable(model, night)


class Informed:
    """Learns every night from the truth of every lead, and from other chains."""

    def __init__(self, nights: Sequence[Night], others: Sequence[Night]) -> None:
        self.seen = [night.rows for night in others] + first_week(nights)

    def __call__(self, night: Night, queue: Queue) -> NDArray[np.float64]:
        """Return how probable the leads are."""
        known = pl.concat(self.seen).group_by("alert_id", maintain_order=True).last()
        told = known.select(
            "alert_id", outcome=pl.col("right").cast(pl.Int8), trust=1.0, propensity=1.0
        )
        model = learned(self.seen, told)
        self.seen.append(night.rows)
        return probable(model, night)


class Crew:
    """Learns every night from the answers of several people, one of whom may lie."""

    def __init__(self, nights: Sequence[Night], seed: int, liar: str | None) -> None:
        self.rng = np.random.default_rng(seed)
        self.seen = first_week(nights)
        self.said: list[dict[str, object]] = []
        self.heard: set[str] = set()
        self.liar = liar
        self.flagged: date | None = None

    def __call__(self, night: Night, queue: Queue) -> NDArray[np.float64]:
        """Return how probable the leads are."""
        self.hear(queue, night.day)
        now = datetime.combine(night.day, datetime.min.time(), UTC)
        labels = pl.DataFrame(self.said, schema=TABLE_COLUMNS["labels"])
        settled = answers(labels, list(queue.alert.values()), (), (), now)
        if self.flagged is None and any(lies(one) for one in settled.authors):
            self.flagged = night.day
        told = settled.settled.drop_nulls("positive").select(
            alert_id="about",
            outcome=pl.col("positive").cast(pl.Int8),
            trust=pl.col("weight").clip(0.0, 1.0),
            propensity=1.0,
        )
        model = learned(self.seen, told)
        self.seen.append(night.rows)
        return probable(model, night)

    def hear(self, queue: Queue, day: date) -> None:
        """Have what is new answered by whoever has its store, and a fifth of it by another too."""
        at = datetime.combine(day, datetime.min.time(), UTC) - timedelta(hours=1)
        for id_ in sorted(queue.opened.keys() - self.heard):
            self.heard.add(id_)
            people = [keeper(queue.alert[id_])]
            if self.rng.random() < TWICE:
                people.append(CREW[(CREW.index(people[0]) + 1) % len(CREW)])
            for who in people:
                theft = queue.right[id_] != (self.rng.random() < WRONG)
                if who == self.liar:
                    theft = False
                outcome = "theft" if theft else "legitimate"
                name = f"{id_} {who}"
                self.said.append(
                    {"row_id": name, "at": at, "by": who, "outcome": outcome, "alert_id": id_}
                )


def lies(author: Author) -> bool:
    """Whether it is the corrupt one, and he is flagged."""
    return author.name == CORRUPT and author.flagged is not None


def keeper(alert: Alert) -> str:
    """Return who answers the alerts of this alert's store."""
    store = alert.subject.store_id or alert.transactions[-1].store_id
    return CREW[zlib.crc32(store.encode()) % len(CREW)]


def learned(seen: Sequence[pl.DataFrame], told: pl.DataFrame) -> LearnedModel | None:
    """Return what is learned from the dossiers so far; None: not enough was said."""
    taught = with_answers(pl.concat(seen).drop("right"), told, drawn=False)
    read_ = [name for name in taught.columns if name not in {*WHO, "outcome", "weight"}]
    try:
        return fit(taught, read_, RISING)
    except Refused:
        return None


def probable(model: LearnedModel | None, night: Night) -> NDArray[np.float64]:
    """Return the probabilities of the night's leads."""
    return night.rows["probability"].to_numpy() if model is None else model.probability(night.rows)


def best(night: Night, _: Queue) -> NDArray[np.float64]:
    """Rank by the truth."""
    known = pl.col("right").cast(pl.Float64) + 1e-3 * pl.col("probability")
    return night.rows.select(known).to_series().to_numpy()


WAYS = ("without answers", "learning", "told everything", "best possible")


def compare(chain: Chain, others: Sequence[Night], place: Place) -> dict[str, Count]:
    """Return what each way of choosing came to."""
    nights = chain.nights
    ranks = (
        None,
        Learning(nights, chain.seed),
        Informed(nights, others),
        best,
    )
    return {way: play(nights, place, rank).counted() for way, rank in zip(WAYS, ranks, strict=True)}


class Ring(NamedTuple):
    """Thieves of the corrupt one's stores found by day 30, with him honest and with him lying."""

    thieves: int
    honest: int
    lying: int
    flagged: date | None


def ring(chain: Chain, place: Place) -> Ring:
    """Return what a corrupt investigator hides."""
    until = LEARNS_FROM + timedelta(CROOKED_DAYS)
    nights = [night for night in chain.nights if night.day < until]
    everybody = {
        actor
        for night in nights
        for actor, alert, right in zip(night.actors, night.alerts, night.rows["right"], strict=True)
        if right and keeper(alert) == CORRUPT
    }
    found = {}
    for liar in (None, CORRUPT):
        crew = Crew(nights, chain.seed, liar)
        queue = play(nights, place, crew)
        right = {queue.actor[id_] for id_, is_right in queue.right.items() if is_right}
        found[liar] = len(right & everybody)
    return Ring(len(everybody), found[None], found[CORRUPT], crew.flagged)


def main() -> None:
    """Run the bench and print its figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--chains", type=int, default=5)
    asked.add_argument("--stores", type=int, default=40)
    asked.add_argument("--first-seed", type=int, default=FIRST_SEED)
    given = asked.parse_args()
    chains = []
    for number in range(given.chains):
        began = time.perf_counter()
        unseen = UNSEEN[number % len(UNSEEN)]
        chains.append(replayed(given.first_seed + number, given.stores, unseen))
        leads = sum(night.rows.height for night in chains[-1].nights)
        took = time.perf_counter() - began
        print(f"chain {chains[-1].seed}: {leads} leads by day ({took:.0f} s)", flush=True)
    for name, place in PLACES.items():
        tell_comparison(name, chains, place)
    tell_rings(chains, PLACES["looking at more"])
    tell_unseen(chains)


def tell_comparison(name: str, chains: Sequence[Chain], place: Place) -> None:
    """Print what each way of choosing came to, chain by chain and in all."""
    print(f"\n{name}: alerts of weeks 2 to 8, wrong of them, thieves found")
    print("chain  " + "".join(f"{way:>22}" for way in WAYS))
    found = []
    for chain in chains:
        others = [night for other in chains if other is not chain for night in other.nights]
        found.append(compare(chain, others, place))
        print(f"{chain.seed:5}  " + "".join(words(found[-1][way]) for way in WAYS), flush=True)
    totals = {way: Count(*map(sum, zip(*(one[way] for one in found), strict=True))) for way in WAYS}
    print("in all " + "".join(words(totals[way]) for way in WAYS))
    print(f"of what is avoidable, learning avoids {with_interval(found)}; goal 60 %")


def words(count: Count) -> str:
    """Return the count as a column."""
    return f"{count.alerts:10} {count.wrong:5} {count.thieves:5}"


def avoided(found: Sequence[dict[str, Count]]) -> float:
    """Return the part of the avoidable false alerts that learning avoids."""
    without, learning, told = (sum(one[way].wrong for one in found) for way in WAYS[:3])
    return (without - learning) / (without - told) if without > told else float("nan")


def with_interval(found: Sequence[dict[str, Count]]) -> str:
    """Return that part with a jackknife interval over chains."""
    whole, many = avoided(found), len(found)
    if many < 2:
        return f"{whole:.0%}"
    left_out = np.array([avoided([*found[:n], *found[n + 1 :]]) for n in range(many)])
    error = sqrt((many - 1) / many * float(((left_out - left_out.mean()) ** 2).sum()))
    return f"{whole:.0%} ± {1.96 * error:.0%} over {many} chains"


def tell_rings(chains: Sequence[Chain], place: Place) -> None:
    """Print what a corrupt investigator hides."""
    print(f"\none of {len(CREW)} investigators lies: thieves of his stores found in 30 days")
    rings = [ring(chain, place) for chain in chains]
    for chain, one in zip(chains, rings, strict=True):
        when = "not flagged" if one.flagged is None else f"flagged on {one.flagged}"
        print(f"{chain.seed:5}  {one.honest} of {one.thieves}; when he lies {one.lying}, {when}")
    thieves, honest, lying = (sum(getattr(one, name) for one in rings) for name in Ring._fields[:3])
    lost = 100 * (honest - lying) / max(thieves, 1)
    print(f"in all the ring loses {lost:.1f} points of its recall; goal 2")


def tell_unseen(chains: Sequence[Chain]) -> None:
    """Print what the lot drew of schemes without rules, beside what was to be expected."""
    print("\na scheme without rules: what the lot draws of its thieves in eight weeks")
    for chain in chains:
        one = chain.unseen
        print(
            f"{chain.seed:5}  {one.scheme}: {one.thieves} thieves, {one.chosen} with an alert by "
            f"other rules; {one.draws} draws, {one.found} of them a thief of it; power: one who is "
            f"a lead every week is drawn within {one.weeks:,.0f} weeks (90 %)"
        )


if __name__ == "__main__":
    main()
