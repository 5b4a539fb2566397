import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.rules.judge import judge

SALE = {"type": "sale", "cash_minor": 500, "voided_lines": 0, "voided_minor": 0}
HIT = SALE | {"voided_lines": 2, "voided_minor": 1999}


def test_a_receipt_is_exposed_fires_and_costs_what_the_rule_says(a_rule, frame):
    judged = judge([a_rule()], frame(SALE, HIT, {"type": "return", "voided_lines": 2}))
    assert judged.at_risk[:, 0].tolist() == [True, True, False]
    assert judged.fired[:, 0].tolist() == [False, True, False]
    assert judged.loss_minor[:, 0].tolist() == [0, 1999, 0]
    assert judged.measure == {}
    assert judged.silent == {}


def test_nobody_is_never_exposed(a_rule, frame):
    judged = judge([a_rule()], frame(HIT | {"operator_key": 0}))
    assert not judged.at_risk.any()


def test_the_unknown_is_neither_exposure_nor_hit(a_rule, frame):
    unknown_exposure = HIT | {"type": "sale"}
    del unknown_exposure["cash_minor"]
    unknown_hit = {"type": "sale", "cash_minor": 500}
    judged = judge([a_rule()], frame(unknown_exposure, unknown_hit))
    assert judged.at_risk[:, 0].tolist() == [False, True]
    assert not judged.fired.any()


@pytest.mark.parametrize("mark", ["offline", "training"])
def test_an_outage_or_a_training_receipt_accuses_nobody_unless_the_rule_says_so(
    mark, a_rule, frame
):
    rows = frame(HIT | {mark: True}, HIT | {mark: False}, HIT)
    assert judge([a_rule()], rows).fired[:, 0].tolist() == [False, True, True]
    assert judge([a_rule(**{mark: True})], rows).fired[:, 0].tolist() == [True, True, True]


def test_an_extreme_rule_measures_the_exposed_and_needs_no_floor(a_rule, frame):
    rule = a_rule(kind="extreme", fires=None, measure="voided_minor * 0.01", at_risk="type='sale'")
    judged = judge([rule], frame(HIT, {"type": "sale"}, {"type": "return", "voided_minor": 5}))
    assert judged.at_risk[:, 0].tolist() == [True, False, False]
    assert judged.fired[:, 0].tolist() == [True, False, False]
    np.testing.assert_allclose(judged.measure[0], [19.99, np.nan, np.nan])


def test_a_loss_is_never_negative_and_an_unknown_one_is_nothing(a_rule, frame):
    rules = [a_rule(loss="-voided_minor"), a_rule(loss="override_minor"), a_rule(loss="700")]
    assert judge(rules, frame(HIT)).loss_minor.tolist() == [[0, 0, 700]]


def test_a_rule_without_its_field_says_so_and_a_shown_field_is_enough(a_rule, frame):
    late, card = a_rule(needs=["lines.void_at"]), a_rule(subject="card", needs=["tenders"])
    nobodys = frame(SALE | {"card_key": 0})
    assert judge([a_rule()], frame(SALE, HIT)).silent == {}
    assert judge([late], frame(HIT | {"last_void_delay_s": 3.0})).silent == {}
    assert judge([late], nobodys).silent == {
        "dear_void": "the feed does not carry lines.void_at (the time at which a line was voided)"
    }
    assert (
        judge([card], nobodys)
        .silent["dear_void"]
        .startswith("the feed does not carry tenders.card_token")
    )


def test_either_of_two_fields_is_enough(a_rule, frame):
    rule = a_rule(needs=["type.no_sale | events.drawer_open"])
    assert judge([rule], frame(SALE | {"drawer_opens": 1})).silent == {}
    assert " or " in judge([rule], frame(SALE)).silent["dear_void"]


def test_a_rule_about_a_column_that_nobody_computed_is_silent(a_rule, frame):
    judged = judge([a_rule()], frame(HIT).drop("voided_minor"))
    assert judged.silent == {"dear_void": "nothing here computes voided_minor"}
    assert not judged.at_risk.any()


def test_no_rules_and_no_rows_make_empty_judgements(a_rule, frame):
    assert judge([], frame(HIT)).fired.shape == (1, 0)
    assert judge([a_rule()], frame(HIT).clear()).fired.shape == (0, 1)


@given(
    rows=st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "type": st.sampled_from(["sale", "return"]),
                "cash_minor": st.integers(-10, 10),
                "voided_lines": st.integers(0, 2),
                "voided_minor": st.integers(0, 500),
                "operator_key": st.integers(0, 2),
                "offline": st.booleans(),
            },
        ),
        min_size=1,
        max_size=12,
    ),
    cut=st.integers(0, 12),
)
@settings(deadline=None, max_examples=50)
def test_a_judgement_does_not_depend_on_how_the_frame_is_split(rows, cut, a_rule, frame):
    rules = [
        a_rule(),
        a_rule(kind="extreme", measure="voided_minor", fires=None),
    ]
    whole = frame(*rows)
    judged = judge(rules, whole)
    parts = [judge(rules, whole[:cut]), judge(rules, whole[cut:])]
    for name in ("at_risk", "fired", "loss_minor"):
        together = np.vstack([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(getattr(judged, name), together)
    assert not (judged.fired & ~judged.at_risk).any()
    assert not judged.loss_minor[~judged.fired].any()
    in_order = np.nonzero(judged.fired.T)
    np.testing.assert_array_equal(judged.firings[:2], in_order)
    measures = np.concatenate([part.measure[1] for part in parts])
    np.testing.assert_array_equal(judged.measure[1], measures)
    assert np.isnan(judged.measure[1][~judged.at_risk[:, 1]]).all()
