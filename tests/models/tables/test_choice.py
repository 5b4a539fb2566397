"""The learner finds what decides, on tables of which it is known."""

import numpy as np
from scipy.special import expit

from shrinkwatch.models.tables.choice import choose, fit
from shrinkwatch.models.tables.columns import Number, Schema, Table
from shrinkwatch.models.tables.plan import Effort
from shrinkwatch.models.tables.profit import Profit

ROWS, TESTED = 1_000, 20_000
LITTLE = Effort(3, 1, 3, 1)
EVEN = Profit(tp=1.0, fp=-1.0, fn=-1.0, tn=1.0)


def earned_of_best(numbers: np.ndarray, probability: np.ndarray, values: tuple = ()) -> float:
    """Return the share of the best possible gain over flagging the commoner class, new rows."""
    drawn = np.random.default_rng(9)
    positive = drawn.random(probability.size) < probability
    rows = Table(numbers, np.empty((probability.size, 0), dtype=np.int32))
    names = tuple(Number(f"x{place}", values=values) for place in range(numbers.shape[1]))
    schema = Schema(names, ())
    learn, test = np.arange(ROWS), np.arange(ROWS, probability.size)
    chosen = choose(rows.rows(learn), schema, positive[learn], EVEN, LITTLE, 1)
    learned = fit(rows.rows(learn), schema, positive[learn], chosen)
    flag = learned.probability(rows.rows(test)) > EVEN.threshold
    truth = probability[test]

    def expected(flags: np.ndarray) -> float:
        return float(np.where(flags, 2 * truth - 1, 1 - 2 * truth).mean())

    idle = max(expected(np.zeros_like(flag)), expected(np.ones_like(flag)))
    return (expected(flag) - idle) / (expected(truth > 0.5) - idle)


def test_a_product_of_two_columns_is_found() -> None:
    drawn = np.random.default_rng(1)
    numbers = drawn.normal(size=(ROWS + TESTED, 4))
    assert earned_of_best(numbers, expit(4 * numbers[:, 0] * numbers[:, 1])) > 0.93


def test_small_whole_numbers_may_be_categories() -> None:
    drawn = np.random.default_rng(2)
    numbers = drawn.integers(1, 7, (ROWS + TESTED, 2)).astype(float)
    probability = np.array([0, 0.05, 0.9, 0.1, 0.05, 0.85, 0.1])[numbers[:, 0].astype(int)]
    values = tuple(float(value) for value in range(1, 7))
    assert earned_of_best(numbers, probability, values) > 0.97


def test_what_is_missing_may_tell() -> None:
    drawn = np.random.default_rng(3)
    numbers = drawn.normal(size=(ROWS + TESTED, 2))
    numbers[drawn.random(ROWS + TESTED) < 0.4, 0] = np.nan
    assert earned_of_best(numbers, np.where(np.isnan(numbers[:, 0]), 0.9, 0.1)) > 0.97


def test_where_nothing_decides_nobody_is_flagged() -> None:
    drawn = np.random.default_rng(4)
    rows = Table(drawn.normal(size=(400, 3)), np.empty((400, 0), dtype=np.int32))
    schema = Schema(tuple(Number(name) for name in "abc"), ())
    positive = np.arange(400) % 20 == 0
    chosen = choose(rows, schema, positive, Profit(), LITTLE, 1)
    probability = fit(rows, schema, positive, chosen).probability(rows)
    assert (probability > Profit().threshold).sum() == 0


def small() -> tuple[Table, Schema, np.ndarray]:
    drawn = np.random.default_rng(6)
    rows = Table(drawn.normal(size=(200, 2)), np.empty((200, 0), dtype=np.int32))
    return rows, Schema((Number("a"), Number("b")), ()), rows.numbers[:, 0] > 1


def test_when_the_time_is_out_what_has_been_tried_decides() -> None:
    rows, schema, positive = small()
    chosen = choose(rows, schema, positive, Profit(), LITTLE, 1, lambda: False)
    assert chosen.folds == 1
    assert chosen.candidates == LITTLE.candidates[:1]
    asked = iter([True] * len(LITTLE.candidates) + [True, False])
    partly = choose(rows, schema, positive, Profit(), LITTLE, 1, lambda: next(asked, False))
    assert partly.folds == 1
    assert len(partly.losses) >= len(LITTLE.candidates)


def test_the_same_rows_and_seed_choose_the_same() -> None:
    one, two = (choose(*small(), Profit(), LITTLE, 1) for _ in range(2))
    assert one == two
    assert one.folds == 3
