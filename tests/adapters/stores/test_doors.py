"""Who may send and who may look, kept in either database."""

from datetime import UTC, datetime, timedelta

import pytest

from shrinkwatch.adapters.stores.doors import StoredKeys, StoredPeople
from shrinkwatch.records.access import Person, SendingKey
from shrinkwatch.records.trouble import Refused

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = SendingKey("k-1", "till 3", ("S1",), ("3",), ("transactions", "shifts"), 50, NOW)
KIM = Person("kim", "investigator", None, "stretched", NOW)


def test_a_key_comes_back_as_it_was_and_is_revoked_once(database):
    keys = StoredKeys(database)
    keys.add(KEY)
    assert keys.all() == [KEY]
    keys.revoke("k-1", NOW)
    assert [key.revoked_at for key in keys.all()] == [NOW]
    for unknown in ("k-1", "k-2"):
        with pytest.raises(Refused, match="keys list"):
            keys.revoke(unknown, NOW)


def test_a_person_comes_back_and_a_taken_name_is_refused(database):
    people = StoredPeople(database)
    people.add(KIM)
    assert people.find("kim") == KIM
    assert people.find("lee") is None
    with pytest.raises(Refused, match="already"):
        people.add(KIM)


def test_a_session_is_its_persons_until_it_is_over(database):
    people = StoredPeople(database)
    people.add(KIM)
    people.begin("a mark", "kim", NOW + timedelta(hours=1), NOW)
    assert people.in_session("a mark", NOW) == KIM
    assert people.in_session("another", NOW) is None
    assert people.in_session("a mark", NOW + timedelta(hours=2)) is None
    people.end("a mark")
    assert people.in_session("a mark", NOW) is None


def test_who_is_revoked_is_out_of_every_session_and_may_come_back(database):
    people = StoredPeople(database)
    people.add(KIM)
    for mark in ("one", "two"):
        people.begin(mark, "kim", NOW + timedelta(hours=1), NOW)
    people.revoke("kim", NOW)
    assert people.find("kim") is None
    assert [people.in_session(mark, NOW) for mark in ("one", "two")] == [None, None]
    people.add(KIM)
    assert people.in_session("one", NOW) is None
    with pytest.raises(Refused, match="users list"):
        people.revoke("lee", NOW)
