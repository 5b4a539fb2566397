"""How many of those accused at a probability floor are honest, against what the probabilities say.

    python bench/false_discovery.py [--seeds 20] [--floor 0.5]

Simulates operators under many rules: honest ones as the model takes them to be (gamma-Poisson
around their group's rate; groups, stores and a few people of their own way differ), and thieves who
add hits under one rule of one scheme. What the product runs is run on them: the peers' expected
hits (`features.peers`), the shape and the Bayes factors (`models.counts`), their combination and
the learned prior (`models.unlabelled`). Then the model is made wrong, one way at a time.

Beside it, at the level that our leads claim (the mean of 1 - p over them), over all operators x
rules: Benjamini & Hochberg 1995 and Benjamini & Yekutieli 2001 on the tail probabilities that
alerts show, and e-BH (Wang & Ramdas 2022) on the Bayes factors. A discovery of theirs is an
operator under a rule, of ours an operator; either is false when the operator does not steal. The
rate is of all seeds' discoveries, its interval Student's over seeds of the share in each.
"""

import argparse
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from shrinkwatch.features.peers import Rows, expected_hits, of_subjects
from shrinkwatch.models import counts, unlabelled
from shrinkwatch.scoring.standing import LEAST_OF_EMPLOYEES, with_doubt

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]

SCHEMES, RULES_EACH, DAYS = 12, 3, 28
FORMATS, PARTS, ROLES = 4, 3, 2
RECEIPTS = 900.0
"""Receipts of an operator in four weeks, in the mean."""
MOST_ADDED = 32_768


@dataclass(frozen=True, slots=True)
class Setting:
    """What a simulated chain is like. `way`: the honest factor on each operator's and rule's rate.

    stealing: of the published share. least, most: hits that a thief adds, of any order of
    magnitude. new: the share of operators who are new and have three times the rate; told_apart:
    whether they are a peer group of their own.
    """

    name: str
    stores: int = 40
    operators: int = 1000
    stealing: float = 1.0
    least: int = 0
    most: int = MOST_ADDED
    group_shape: float = 8.0
    store_shape: float = 10.0
    new: float = 0.0
    told_apart: bool = True
    way: Callable[[np.random.Generator, Floats, int], Floats] | None = None


def assumed_ways(rng: np.random.Generator, shapes: Floats, people: int) -> Floats:
    """Return (people, rules) factors as the model has them: gamma, and a few of their own way."""
    usual = rng.gamma(shapes, 1.0 / shapes, (people, shapes.size))
    odd = counts.ODD_RATE * rng.exponential(1.0, (people, shapes.size))
    return np.where(rng.random((people, shapes.size)) < counts.ODD_SHARE, odd, usual)


def lognormal_ways(rng: np.random.Generator, shapes: Floats, people: int) -> Floats:
    """Return factors with the same mean and variance and a heavier tail."""
    spread = np.sqrt(np.log1p(1.0 / shapes))
    return rng.lognormal(-0.5 * spread**2, spread, (people, shapes.size))


def same_ways(rng: np.random.Generator, shapes: Floats, people: int) -> Floats:
    """Return factors with one quantile for all rules: who does much of one does much of all."""
    draws = np.sort(rng.gamma(shapes, 1.0 / shapes, (4000, shapes.size)), axis=0)
    return draws[rng.integers(4000, size=people)]


SETTINGS = (
    Setting("as assumed"),
    Setting("thieves add 2 to 60", least=2, most=60),
    Setting("a quarter as many thieves", stealing=0.25, least=2, most=60),
    Setting("nobody steals", stealing=0.0),
    Setting("heavier tails (lognormal)", least=2, most=60, way=lognormal_ways),
    Setting("one way under all rules", least=2, most=60, way=same_ways),
    Setting("stores differ twice as much", least=2, most=60, store_shape=2.5),
    Setting("small groups (4 stores)", stores=4, operators=60, least=2, most=60),
    Setting("new starters, told apart", least=2, most=60, new=0.1),
    Setting("new starters among all", least=2, most=60, new=0.1, told_apart=False),
)


@dataclass(frozen=True, slots=True)
class Staff:
    """Where operators work: `rows` as the peers' model has them, exposures of each row."""

    rows: Rows
    exposed: Floats
    new: Mask


@dataclass(frozen=True, slots=True)
class Seen:
    """hits, of_rows: per rule, of operators and of their rows. thief: of operators."""

    of_rows: Floats
    thief: Mask


def staff(rng: np.random.Generator, setting: Setting) -> Staff:
    """Return operators who work in two parts of the day, one in ten at the service desk."""
    many = setting.operators
    store = rng.integers(setting.stores, size=many)
    role = (rng.random(many) < 0.1).astype(np.int64)
    new = rng.random(many) < setting.new
    first = rng.integers(PARTS, size=many)
    part = np.sort(np.stack([first, (first + rng.integers(1, PARTS, many)) % PARTS], 1), 1)
    band = (new & setting.told_apart).astype(np.int64)
    group = ((role * FORMATS + store % FORMATS)[:, None] * PARTS + part) * 2 + band[:, None]
    flat, of_store = group.ravel(), np.repeat(store, 2)
    places, place = np.unique(flat * setting.stores + of_store, return_inverse=True)
    rows = Rows(
        starts=np.arange(0, 2 * many + 1, 2),
        place=place.astype(np.int32),
        parent=places // setting.stores // (2 * PARTS * FORMATS),
        group=places // setting.stores,
        store=places % setting.stores,
    )
    share = rng.beta(2.0, 2.0, many)
    receipts = rng.lognormal(math.log(RECEIPTS) - 0.18, 0.6, many)
    exposed = np.rint(np.stack([receipts * share, receipts * (1.0 - share)], 1)).ravel() + 1.0
    return Staff(rows, exposed, new)


def simulate(rng: np.random.Generator, setting: Setting, people: Staff) -> Seen:
    """Return the hits of honest operators and of thieves."""
    rules, rows = SCHEMES * RULES_EACH, people.rows
    base = 10.0 ** rng.uniform(-3.5, -1.7, rules)
    shapes = np.exp(rng.uniform(np.log(1.0), np.log(12.0), rules))
    of_group = rng.gamma(
        setting.group_shape, 1.0 / setting.group_shape, (int(rows.group.max()) + 1, rules)
    )
    of_store = rng.gamma(setting.store_shape, 1.0 / setting.store_shape, (setting.stores, rules))
    own = (setting.way or assumed_ways)(rng, shapes, setting.operators)
    own = own * np.where(people.new, 3.0, 1.0)[:, None]
    rate = base * of_group[rows.group[rows.place]] * of_store[rows.store[rows.place]]
    hits = rng.poisson(people.exposed[:, None] * rate * np.repeat(own, 2, axis=0))
    published = unlabelled.published_share("operator", setting.operators, setting.stores, DAYS)
    thief = rng.random(setting.operators) < setting.stealing * published
    for one in np.flatnonzero(thief):
        reach = math.log((setting.most + 1) / (setting.least + 1))
        added = int((setting.least + 1) * math.exp(reach * rng.random())) - 1
        hits[2 * one + rng.integers(2), rng.integers(rules)] += added
    return Seen(hits.astype(np.float64), thief)


@dataclass(frozen=True, slots=True)
class Found:
    """What the product says. probability: (operators,). tail, log_factor: (operators, rules)."""

    probability: Floats
    tail: Floats
    log_factor: Floats


def judge(people: Staff, seen: Seen, setting: Setting) -> Found:
    """Return the probabilities that the product's own functions give."""
    tail, factor = [], []
    for of_rows in seen.of_rows.T:
        of_rule = np.ascontiguousarray(of_rows)
        mean = of_subjects(people.rows, expected_hits(people.rows, people.exposed, of_rule))
        mean = np.maximum(mean, LEAST_OF_EMPLOYEES)
        hits = of_subjects(people.rows, of_rule).astype(np.int64)
        shape = with_doubt(counts.fit_shape(hits, mean), hits.sum() - hits)
        tail.append(counts.tail_probability(hits, mean, shape))
        factor.append(counts.log_bayes_factor(hits, mean, shape))
    factors = np.stack(factor, 1)
    scheme = np.repeat(np.arange(SCHEMES), RULES_EACH)
    per_scheme = unlabelled.scheme_log_factors(
        factors, np.ones(factors.shape, dtype=np.bool_), scheme, SCHEMES
    )
    share = unlabelled.published_share("operator", setting.operators, setting.stores, DAYS)
    prior = np.full(SCHEMES, share / SCHEMES)
    found = unlabelled.probabilities(per_scheme, prior).sum(axis=0)
    prior = unlabelled.learn_prior(prior, found, setting.operators)
    probability = unlabelled.probabilities(per_scheme, prior).sum(axis=1)
    return Found(probability, np.stack(tail, 1), factors)


def step_up(tail: Floats, level: float, *, dependent: bool) -> Mask:
    """Return which hypotheses Benjamini-Hochberg rejects, or Benjamini-Yekutieli if `dependent`."""
    flat, many = np.sort(tail.ravel()), tail.size
    penalty = float(np.sum(1.0 / np.arange(1, many + 1))) if dependent else 1.0
    passes = np.flatnonzero(flat <= level * np.arange(1, many + 1) / (many * penalty))
    return np.asarray(tail <= flat[passes[-1]]) if passes.size else np.zeros(tail.shape, np.bool_)


def e_step_up(log_factor: Floats, level: float) -> Mask:
    """Return which hypotheses e-BH rejects: the k largest with e >= many / (level x k)."""
    flat, many = np.sort(log_factor.ravel())[::-1], log_factor.size
    passes = np.flatnonzero(flat >= np.log(many / (max(level, 1e-12) * np.arange(1, many + 1))))
    if not passes.size:
        return np.zeros(log_factor.shape, dtype=np.bool_)
    return np.asarray(log_factor >= flat[passes[-1]])


@dataclass(frozen=True, slots=True)
class Tally:
    """Of one seed and one way: what was claimed false, discoveries, false ones, thieves found."""

    claimed: float
    discoveries: int
    false: int
    thieves: int
    caught: int


def one_seed(setting: Setting, seed: int, floor: float) -> dict[str, Tally]:
    """Return each way's tally on one simulated chain."""
    rng = np.random.default_rng([seed, 20261121])
    people = staff(rng, setting)
    seen = simulate(rng, setting, people)
    found = judge(people, seen, setting)
    leads = found.probability >= floor
    claimed = float(np.sum(1.0 - found.probability[leads]))
    level = claimed / max(int(leads.sum()), 1)
    ways = {
        "ours": leads[:, None],
        "BH": step_up(found.tail, level, dependent=False),
        "BY": step_up(found.tail, level, dependent=True),
        "e-BH": e_step_up(found.log_factor, level),
    }
    return {
        name: Tally(
            claimed if name == "ours" else level * int(which.sum()),
            int(which.sum()),
            int(which[~seen.thief].sum()),
            int(seen.thief.sum()),
            int(which[seen.thief].any(axis=1).sum()),
        )
        for name, which in ways.items()
    }


def half_width(shares: list[float]) -> float:
    """Return half of Student's 95 % interval of the mean of the seeds' shares."""
    if len(shares) < 2:
        return float("nan")
    return float(student.ppf(0.975, len(shares) - 1) * np.std(shares, ddof=1) / len(shares) ** 0.5)


def pooled(tallies: list[Tally]) -> tuple[float, float, float, float]:
    """Return claimed share, realised share, its half interval, share of thieves found."""
    total: Any = {name: sum(getattr(one, name) for one in tallies) for name in Tally.__slots__}
    shares = [one.false / one.discoveries for one in tallies if one.discoveries]
    found = max(total["discoveries"], 1)
    caught = total["caught"] / total["thieves"] if total["thieves"] else float("nan")
    return total["claimed"] / found, total["false"] / found, half_width(shares), caught


def main() -> None:
    """Print a table: a setting a row, the ways side by side."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--floor", type=float, default=0.5)
    given = asked.parse_args()
    print(f"{given.seeds} seeds, leads from {given.floor:g}; false of discoveries, thieves found")
    for setting in SETTINGS:
        runs = [one_seed(setting, seed, given.floor) for seed in range(given.seeds)]
        print(f"\n{setting.name}")
        for name in runs[0]:
            tallies = [run[name] for run in runs]
            claimed, was, half, caught = pooled(tallies)
            many = sum(one.discoveries for one in tallies)
            print(
                f"  {name:5} {many:6,} discoveries  claimed {claimed:.3f}  was {was:.3f}"
                f" ± {half:.3f}  thieves found {caught:.2f}"
            )


if __name__ == "__main__":
    main()
