"""Which record of a key counts, whatever the order in which they came."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.journal.versions import Index, State, Version, settle, signed
from shrinkwatch.ports import Appended


def an_index(*records):
    """An index of (key, content letter, revision) records."""
    keys, letters, revisions = zip(*records, strict=True)
    return Index(
        tx_key=np.array(keys),
        content=np.array([ord(letter) for letter in letters]),
        revision=np.array(revisions),
        updated_us=np.full(len(records), -(2**63)),
        day=np.zeros(len(records), dtype=np.int64),
    )


def test_new_keys_take_the_next_positions_in_order():
    settled = settle(an_index((1, "a", -1), (2, "b", -1)), {}, 7)
    assert settled.rows == [0, 1]
    assert settled.states == [State.EFFECTIVE] * 2
    assert settled.appended == Appended(accepted=2)


def test_a_stored_version_is_put_out_of_effect_by_its_position():
    known = {1: [Version(3, ord("a"), (1, -(2**63)), 0)]}
    settled = settle(an_index((1, "b", 2)), known, 9)
    assert settled.revised == {3: State.SUPERSEDED}
    assert known[1][0].state is State.EFFECTIVE, "what is stored is not changed here"


@given(st.permutations([(5, letter, number) for number, letter in enumerate("abcdef")]))
def test_the_highest_revision_counts_in_whatever_order_they_come(records):
    settled = settle(an_index(*records), {}, 0)
    effective = [
        records[row][1]
        for row, state in zip(settled.rows, settled.states, strict=True)
        if state is State.EFFECTIVE
    ]
    assert effective == ["f"]
    assert settled.appended == Appended(accepted=1, revised=5)


@given(
    st.lists(st.tuples(st.integers(1, 3), st.sampled_from("ab"), st.integers(-1, 1)), min_size=1)
)
def test_every_record_has_one_outcome_and_every_key_one_effective_record(records):
    settled = settle(an_index(*records), {}, 0)
    done = settled.appended
    assert done.accepted + done.duplicate + done.revised + done.conflicting == len(records)
    assert done.accepted == len({key for key, _, _ in records})
    effective = [
        records[row][0]
        for row, state in zip(settled.rows, settled.states, strict=True)
        if state is State.EFFECTIVE
    ]
    assert sorted(effective) == sorted({key for key, _, _ in records})


@given(st.integers(0, 2**64 - 1))
def test_a_signed_key_has_the_same_bits(key):
    assert signed(key) % 2**64 == key


def test_every_row_is_told_what_became_of_it_and_where_it_is():
    known = {1: [Version(3, ord("a"), (1, -(2**63)), 0)]}
    records = ((1, "a", 1), (2, "b", -1), (1, "c", 2), (2, "b", -1), (2, "d", -1))
    settled = settle(an_index(*records), known, 9)
    assert settled.outcomes == ["duplicate", "accepted", "revised", "duplicate", "conflicting"]
    assert settled.positions == [3, 9, 10, 9, 11]


def test_new_keys_are_all_accepted_at_their_positions():
    settled = settle(an_index((1, "a", -1), (2, "b", -1)), {}, 7)
    assert (settled.outcomes, settled.positions) == (["accepted", "accepted"], [7, 8])
