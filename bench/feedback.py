"""What answers are worth: false alerts with and without learning, on a simulated retailer.

    python bench/feedback.py [--regions 5] [--stores 40] [--first-seed 4001]

A retailer has several regions. Each is a simulated chain with a seed of its own, whose thieves
steal more or less often, and is replayed once, as `score` does it; every lead of every closed day
is kept with its dossier, its alert and the truth (CONTRACT §4). Their days are put together: one
queue, one learner. On these, several ways of choosing are played:

- without answers: the shipped system, which never hears any;
- learning: a simulated investigator answers every alert on the day after it opened, one answer in
  twenty wrong. After the first week, which is that of the shipped system, it learns every night
  from the answers so far (`models.learned`), and the model ranks the leads of the next day. Played
  with three investigators, who err elsewhere; the figures are means;
- told everything: the same learner hears on the next day the truth of every lead, also of those
  that nobody opened: what it could make of these features, were answers free;
- best possible: who knows the truth chooses, day by day.

Each day every way opens as many new alerts as the shipped system does on that day, so that all
have an equal number. That is done at two places: as shipped, and for a retailer that looks at more
(from 5 % probability on, whatever the loss). Counted are alerts opened in weeks 2 to 8, and of
these those of weeks 5 to 8, after four weeks of answers. Only the order of a day's leads counts, so
log odds are not calibrated. The gate does not decide here.

*Avoidable* has two meanings, and the part that learning avoids is printed of both:

- by this learner: what who is told everything avoids;
- by anybody: what the best possible choice avoids. What it cannot is the prevalence's: on some days
  there are fewer thieves among the leads than alerts are opened. No answer tells the most of it,
  since a lead that hardly differs from honest ones stays so.

The interval is the jackknife's over regions: the retailer is played again without each of them.

Then four investigators share the stores; one of every five alerts is answered by two. Each of them
in turn calls everything honest, always: how many thieves of his stores are still found in 30 days,
beside the same crew when he is honest, is he flagged (`scoring.answers`), and is anybody else?

Last, each region is replayed without the rules of one scheme, as if nobody had thought of it: what
does the lot (`scoring.audit`) draw of its thieves, when, and what did the power calculation
promise?

Goals: false alerts fall by 60 % of what is avoidable, at no fewer thieves found (DESIGN); the ring
loses at most 2 points of its recall, and he is flagged within 14 days (RELIABILITY).
"""

import argparse
import sys
import time
import zlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import sqrt
from typing import NamedTuple

import numpy as np
import polars as pl
import xxhash
from msgspec.structs import replace
from numpy.typing import NDArray

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.models.learned import LearnedModel, grown
from shrinkwatch.models.sampling import weeks_until_seen
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import TABLE_COLUMNS, Tables
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.answers import Actor, Answers, answers_of
from shrinkwatch.run.benchmark.judging import judge, stripped
from shrinkwatch.run.benchmark.trial import loaded
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import Replay
from shrinkwatch.run.settings import read
from shrinkwatch.run.train import with_answers
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.answers import answers
from shrinkwatch.scoring.desk import Desk, name_of
from shrinkwatch.scoring.document import Case
from shrinkwatch.scoring.dossier import LEAD_FLOOR, RISING, WHO
from shrinkwatch.scoring.settings import ScoringSettings
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.settings import WorldSettings

START = date(2026, 3, 2)
WEEKS = 8
LEARNS_FROM = START + timedelta(7)
PERIODS = {"weeks 2 to 8": LEARNS_FROM, "weeks 5 to 8": START + timedelta(28)}
WRONG = 0.05
INVESTIGATORS = 3
FIRST_SEED = 4001
INTENSITIES = (0.75, 1.0, 1.5)

CREW = ("ann", "bob", "cem", "dora")
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


class Region(NamedTuple):
    """A part of the retailer: a chain that was simulated and replayed."""

    seed: int
    nights: tuple[Night, ...]
    unseen: "Unseen"


class Unseen(NamedTuple):
    """What the lot drew of a scheme without rules.

    first: days after START until the first of its thieves was drawn, None where none was. weeks:
    until a thief who is a lead every week is drawn with 90 %.
    """

    scheme: str
    thieves: int
    chosen: int
    draws: int
    found: int
    first: int | None
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


def replayed(seed: int, stores: int, unseen: str) -> Region:
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
        nights = tuple(under_own_names(night, seed) for night in desk.nights)
        return Region(seed, nights, without_rules(workspace, rules, truth, unseen))


def under_own_names(night: Night, seed: int) -> Night:
    """Return the night with persons, stores and alerts that no other region has."""
    rows = night.rows.with_columns(
        pl.format(f"{seed} {{}}", name).alias(name) for name in ("alert_id", "store_id")
    ).with_columns(pl.col("key") ^ pl.lit(xxhash.xxh3_64_intdigest(str(seed).encode()), pl.UInt64))
    alerts = [
        replace(
            alert, alert_id=id_, subject=replace(alert.subject, store_id=f"{seed} {shop(alert)}")
        )
        for alert, id_ in zip(night.alerts, rows["alert_id"], strict=True)
    ]
    actors = [(kind, f"{seed} {name}", store) for kind, name, store in night.actors]
    return Night(night.day, rows, tuple(alerts), tuple(actors))


def shop(alert: Alert) -> str:
    """Return in which store it was raised."""
    return alert.subject.store_id or alert.transactions[-1].store_id


def together(regions: Sequence[Region]) -> list[Night]:
    """Return the nights of the retailer that has these regions."""
    nights = []
    for day in sorted({night.day for region in regions for night in region.nights}):
        parts = [night for region in regions for night in region.nights if night.day == day]
        nights.append(
            Night(
                day,
                pl.concat([part.rows for part in parts]),
                tuple(alert for part in parts for alert in part.alerts),
                tuple(actor for part in parts for actor in part.actors),
            )
        )
    return nights


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

    first = min(
        (
            (alert.opened_at.date() - START).days
            for alert in alerts
            if alert.chosen_by == "audit" and stripped(alert).actor in thieves
        ),
        default=None,
    )
    strata = [one for week in desk.audit.log.values() for one in week]
    chance = sum(one.expected for one in strata) / max(sum(one.leads for one in strata), 1)
    drawn = of("audit")
    return Unseen(
        scheme=scheme,
        thieves=len(thieves),
        chosen=len(thieves & set(of("score"))),
        draws=len(drawn),
        found=len(thieves & set(drawn)),
        first=first,
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

    def thieves(self) -> set[Actor]:
        """Return the thieves found."""
        return {self.actor[id_] for id_, right in self.right.items() if right}

    def new(self, night: Night) -> NDArray[np.bool_]:
        """Return which leads of the night are not open."""
        return np.array([id_ not in self.opened for id_ in night.rows["alert_id"]], dtype=bool)

    def counted(self, since: date) -> "Count":
        """Return what came of the alerts that opened from this day on."""
        late = [id_ for id_, day in self.opened.items() if day >= since]
        thieves = {self.actor[id_] for id_ in late if self.right[id_]}
        return Count(len(late), sum(not self.right[id_] for id_ in late), len(thieves))


class Count(NamedTuple):
    """Alerts, those that were wrong, and thieves found."""

    alerts: float
    wrong: float
    thieves: float


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
        ranked = rank(night, mine)
        if night.day >= LEARNS_FROM:
            said = ranked
        may = np.flatnonzero(eligible(night, said, place) & mine.new(night))
        best = may[np.argsort(-said[may], kind="stable")][: int(worth.sum())]
        mine.open(night, best.tolist())
    return shipped if rank is None else mine


def eligible(night: Night, probable: NDArray[np.float64], place: Place) -> NDArray[np.bool_]:
    """Return which leads are worth their review at these probabilities."""
    worth: NDArray[np.bool_] = probable * night.rows["loss_minor"].to_numpy() > place.cost
    return worth


class Learning:
    """Learns every night from what one investigator said of the alerts in the queue."""

    def __init__(self, nights: Sequence[Night], seed: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.seen = [nights[0].rows.clear()]
        self.said: dict[str, int] = {}

    def __call__(self, night: Night, queue: Queue) -> NDArray[np.float64]:
        """Return how probable the leads are."""
        for id_ in sorted(queue.opened.keys() - self.said.keys()):
            self.said[id_] = int(queue.right[id_] != (self.rng.random() < WRONG))
        rows = [(id_, said, 1.0, 1.0) for id_, said in sorted(self.said.items())]
        model = learned(self.seen, pl.DataFrame(rows, schema=TOLD, orient="row"))
        self.seen.append(night.rows)
        return probable(model, night)


class Informed:
    """Learns every night from the truth of every lead."""

    def __init__(self, nights: Sequence[Night]) -> None:
        self.seen = [nights[0].rows.clear()]

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
        self.seen = [nights[0].rows.clear()]
        self.said: list[dict[str, object]] = []
        self.heard: set[str] = set()
        self.liar = liar
        self.flagged: dict[str, date] = {}

    def __call__(self, night: Night, queue: Queue) -> NDArray[np.float64]:
        """Return how probable the leads are."""
        self.hear(queue, night.day)
        now = datetime.combine(night.day, datetime.min.time(), UTC)
        labels = pl.DataFrame(self.said, schema=TABLE_COLUMNS["labels"])
        settled = answers(labels, list(queue.alert.values()), (), (), now)
        for one in settled.authors:
            if one.flagged is not None:
                self.flagged.setdefault(one.name, night.day)
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


def keeper(alert: Alert) -> str:
    """Return who answers the alerts of this alert's store."""
    return CREW[zlib.crc32(shop(alert).encode()) % len(CREW)]


def learned(seen: Sequence[pl.DataFrame], told: pl.DataFrame) -> LearnedModel | None:
    """Return what is learned from the dossiers so far; None: no answers of both kinds yet."""
    taught = with_answers(pl.concat(seen).drop("right"), told, drawn=False)
    read_ = [name for name in taught.columns if name not in {*WHO, "outcome", "weight"}]
    if taught["outcome"].drop_nulls().n_unique() < 2:
        return None
    return grown(taught, read_, RISING)


def probable(model: LearnedModel | None, night: Night) -> NDArray[np.float64]:
    """Return the probabilities of the night's leads."""
    return night.rows["probability"].to_numpy() if model is None else model.probability(night.rows)


def best(night: Night, _: Queue) -> NDArray[np.float64]:
    """Rank by the truth."""
    known = pl.col("right").cast(pl.Float64) + 1e-3 * pl.col("probability")
    return night.rows.select(known).to_series().to_numpy()


WAYS = ("without answers", "learning", "told everything", "best possible")


Played = dict[str, tuple[Queue, ...]]
"""What each way of choosing opened; learning several times, once with each investigator."""


def compare(nights: Sequence[Night], place: Place) -> Played:
    """Return what each way of choosing opened."""
    learning = [Learning(nights, seed) for seed in range(INVESTIGATORS)]
    ranks = ([None], learning, [Informed(nights)], [best])
    return {
        way: tuple(play(nights, place, rank) for rank in some)
        for way, some in zip(WAYS, ranks, strict=True)
    }


def mean(queues: Sequence[Queue], since: date) -> "Count":
    """Return what came of the alerts that opened from this day on, on the average."""
    counts = [queue.counted(since) for queue in queues]
    return Count(*(sum(some) / len(counts) for some in zip(*counts, strict=True)))


class Ring(NamedTuple):
    """Thieves of a liar's stores found by day 30, with him honest and with him lying.

    flagged: after how many days. others: honest people who were flagged beside him.
    """

    thieves: int
    honest: int
    lying: int
    flagged: int | None
    others: int


def rings(nights: Sequence[Night], place: Place) -> dict[str, Ring]:
    """Return what each investigator would hide, were he corrupt."""
    until = LEARNS_FROM + timedelta(CROOKED_DAYS)
    nights = [night for night in nights if night.day < until]
    honest = play(nights, place, Crew(nights, 1, None))
    found = {}
    for liar in CREW:
        crew = Crew(nights, 1, liar)
        lying = play(nights, place, crew)
        everybody = {
            actor
            for night in nights
            for actor, alert, right in zip(
                night.actors, night.alerts, night.rows["right"], strict=True
            )
            if right and keeper(alert) == liar
        }
        when = crew.flagged.pop(liar, None)
        found[liar] = Ring(
            len(everybody),
            len(honest.thieves() & everybody),
            len(lying.thieves() & everybody),
            None if when is None else (when - START).days,
            len(crew.flagged),
        )
    return found


def main() -> None:
    """Run the bench and print its figures."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--regions", type=int, default=5)
    asked.add_argument("--stores", type=int, default=40)
    asked.add_argument("--first-seed", type=int, default=FIRST_SEED)
    given = asked.parse_args()
    regions = []
    for number in range(given.regions):
        began = time.perf_counter()
        unseen = UNSEEN[number % len(UNSEEN)]
        regions.append(replayed(given.first_seed + number, given.stores, unseen))
        leads = sum(night.rows.height for night in regions[-1].nights)
        took = time.perf_counter() - began
        print(f"region {regions[-1].seed}: {leads} leads by day ({took:.0f} s)", flush=True)
    tell(regions)


def tell(regions: Sequence[Region]) -> None:
    """Print what the retailer with these regions shows."""
    tell_unseen(regions)
    nights = together(regions)
    for name, place in PLACES.items():
        found = compare(nights, place)
        for period, since in PERIODS.items():
            tell_comparison(f"{name}, {period}", found, since)
    more = PLACES["looking at more"]
    tell_rings(rings(nights, more))
    tell_intervals(found, regions, more)


def tell_comparison(name: str, found: Played, since: date) -> None:
    """Print what each way of choosing came to."""
    print(f"\n{name}: alerts, wrong of them, thieves found")
    for way, queues in found.items():
        count = mean(queues, since)
        print(f"{way:>16} {count.alerts:6.0f} {count.wrong:7.1f} {count.thieves:7.1f}")
    for by, whose in AVOIDABLE.items():
        print(f"of what is avoidable by {whose}, learning avoids {avoided(found, by, since):.0%}")
    sys.stdout.flush()


AVOIDABLE = {"told everything": "this learner", "best possible": "anybody"}


def avoided(found: Played, by: str, since: date) -> float:
    """Return the part of the false alerts that this way avoids which learning avoids."""
    without, learning, least = (mean(found[way], since).wrong for way in (*WAYS[:2], by))
    return (without - learning) / (without - least) if without > least else float("nan")


def tell_intervals(found: Played, regions: Sequence[Region], place: Place) -> None:
    """Print the parts that learning avoids with a jackknife interval over regions."""
    left_out = []
    for one in regions:
        left_out.append(compare(together([two for two in regions if two is not one]), place))
        print(f"\nwithout {one.seed}: " + "; ".join(map(words, left_out[-1].items())), flush=True)
    for period, since in PERIODS.items():
        for by, whose in AVOIDABLE.items():
            parts = np.array([avoided(queues, by, since) for queues in left_out])
            error = sqrt((parts.size - 1) * float(parts.var()))
            print(
                f"{period}, of what is avoidable by {whose}: {avoided(found, by, since):.0%} "
                f"± {1.96 * error:.0%} over {parts.size} regions; goal 60 %"
            )


def words(way: tuple[str, Sequence[Queue]]) -> str:
    """Return how many of a way's alerts were wrong, and the thieves that it found."""
    count = mean(way[1], LEARNS_FROM)
    return f"{way[0]} {count.wrong:.1f} wrong of {count.alerts:.0f}, {count.thieves:.1f} thieves"


def tell_rings(found: dict[str, Ring]) -> None:
    """Print what a corrupt investigator hides."""
    print(f"\none of {len(CREW)} investigators lies: thieves of his stores found in 30 days")
    for name, one in found.items():
        when = "not flagged" if one.flagged is None else f"flagged after {one.flagged} days"
        print(
            f"{name:>6}: {one.honest} of {one.thieves}; when he lies {one.lying}, {when}, "
            f"and {one.others} honest people beside him"
        )
    thieves, honest, lying = (
        sum(getattr(one, name) for one in found.values()) for name in Ring._fields[:3]
    )
    lost = 100 * (honest - lying) / max(thieves, 1)
    print(f"in all the ring loses {lost:.1f} points of its recall; goal 2", flush=True)


def tell_unseen(regions: Sequence[Region]) -> None:
    """Print what the lot drew of schemes without rules, beside what was to be expected."""
    print("\na scheme without rules: what the lot draws of its thieves in eight weeks")
    for region in regions:
        one = region.unseen
        when = "" if one.first is None else f" (the first after {one.first} days)"
        print(
            f"{region.seed:5}  {one.scheme}: {one.thieves} thieves, {one.chosen} with an alert by "
            f"other rules; {one.draws} draws, {one.found} of them a thief of it{when}; power: one "
            f"who is a lead every week is drawn within {one.weeks:,.0f} weeks (90 %)"
        )


if __name__ == "__main__":
    main()
