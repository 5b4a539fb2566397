"""A sum that leans towards the answers, term by term, and stands still without them."""

import numpy as np
import polars as pl
import pytest
from scipy.special import logit

from shrinkwatch.models.leaning import MOST_ODDS, SPREAD, Leaning, lean

WHO = {"scheme": "refund", "subject": "operator", "key": 1, "store_id": "S1"}


def answered(*rows: tuple[str, int | None, dict[str, object]]) -> pl.DataFrame:
    """Return dossiers: alert, what was said of it, and what differs from WHO and log odds 0."""
    return pl.DataFrame(
        [
            {"alert_id": id_, "outcome": said, "weight": 1.0, "log_odds": 0.0, **WHO, **other}
            for id_, said, other in rows
        ]
    )


def test_without_answers_it_says_what_rules_and_peers_say() -> None:
    rows = answered(("a", None, {"log_odds": 1.5}), ("b", None, {"log_odds": -20.0}))
    assert lean(rows, ["log_odds"], ()).log_odds(rows).tolist() == [1.5, -MOST_ODDS]


def test_a_person_of_whom_all_was_wrong_leans_away_and_others_of_the_store_a_little() -> None:
    rows = answered(*((f"{n}", 0, {"log_odds": 1.0}) for n in range(4)))
    leaning = lean(rows, ["log_odds"], ())
    asked = answered(
        ("same", None, {}),
        ("colleague", None, {"key": 2}),
        ("same kind", None, {"key": 3, "store_id": "S2"}),
        ("stranger", None, {"key": 4, "store_id": "S2", "scheme": "void"}),
    )
    same, colleague, kind, stranger = leaning.log_odds(asked)
    assert same < colleague < kind < stranger < 0.0
    # with normal priors a term moves in proportion to the square of its spread
    leans = {group: next(iter(some.values())) for group, some in leaning.groups.items()}
    ratio = leans["of_the_person"] / leans["of_its_kind"]
    assert ratio == pytest.approx((SPREAD["of_the_person"] / SPREAD["of_its_kind"]) ** 2, rel=1e-3)


def test_the_lean_of_one_answer_is_the_mode_by_hand() -> None:
    """One answer "wrong" at even odds, on the shift alone: w = -s² · expit(w), s = 1."""
    rows = answered(("a", 0, {"scheme": None, "key": None, "store_id": None}))
    shift = lean(rows, ["log_odds"], ()).shift
    assert shift == pytest.approx(-0.4012, abs=1e-3)


def test_the_days_of_an_alert_share_its_answer() -> None:
    once = answered(("a", 0, {}), ("b", 1, {"key": 2}))
    often = pl.concat([once, once.filter(alert_id="a"), once.filter(alert_id="a")])
    first, second = (lean(rows, ["log_odds"], ()).groups for rows in (once, often))
    for group, leans in first.items():
        assert second[group] == pytest.approx(leans, abs=1e-4)


def test_a_feature_leans_the_way_of_the_answers_but_never_against_the_trade() -> None:
    rng = np.random.default_rng(1)
    hits = rng.normal(size=400)
    right = rng.random(400) < 1 / (1 + np.exp(hits))  # more hits, less often right
    rows = pl.DataFrame(
        {
            "alert_id": [f"{n}" for n in range(400)],
            "outcome": right.astype(int),
            "weight": 1.0,
            "log_odds": logit(0.5),
            "hits": hits,
            "same": 1.0,
        }
    )
    free, held = (lean(rows, ["log_odds", "hits", "same"], rising) for rising in ((), ("hits",)))
    assert free.weights["hits"] < -0.2
    assert held.weights["hits"] == 0.0
    assert "same" not in free.weights


def test_what_is_unknown_adds_nothing() -> None:
    leaning = Leaning(mean={"new": 0.5}, scale={"new": 0.5}, weights={"new": -2.0})
    asked = pl.DataFrame({"log_odds": [0.0, 0.0], "new": [1.0, None]})
    assert leaning.log_odds(asked).tolist() == [-2.0, 0.0]
