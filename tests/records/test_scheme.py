import pytest

from shrinkwatch.records.scheme import ACTOR_FIELDS, scheme, scheme_ids, schemes


def test_there_are_41_schemes_numbered_in_order():
    assert [one.number for one in schemes()] == list(range(1, 42))


def test_no_two_schemes_share_an_id():
    assert len(scheme_ids()) == len(schemes())


def test_every_scheme_names_an_actor_a_need_and_a_description():
    for one in schemes():
        assert one.actors, one.id
        assert one.needs, one.id
        assert one.description.endswith("."), one.id
        assert all(actor in ACTOR_FIELDS for actor in one.actors), one.id


def test_a_scheme_is_found_by_its_id():
    assert scheme("ghost_refund").number == 15


def test_an_unknown_scheme_is_an_error():
    with pytest.raises(KeyError, match="gone_fishing"):
        scheme("gone_fishing")
