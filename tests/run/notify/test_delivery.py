"""What is due arrives once, what fails is tried again, and a bad target hurts only itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.adapters.targets import HOST, drip_body, drip_head, hang, serving
from tests.run.notify.test_routes import SEEN

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers.webhook import Webhook
from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.outbox import StoredOutbox
from shrinkwatch.cases.names import Names
from shrinkwatch.ports import Notifier
from shrinkwatch.records.message import Message
from shrinkwatch.records.trouble import Refused, Unreachable
from shrinkwatch.run.notify.delivery import (
    FIRST_WAIT_S,
    LEASE,
    LONGEST_WAIT_S,
    MOST_ATTEMPTS,
    Courier,
    Delivered,
    wait_s,
)
from shrinkwatch.run.notify.routes import Router
from shrinkwatch.run.notify.wording import Wording
from shrinkwatch.run.settings import Notify

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UTC_ZONE = ZoneInfo("UTC")


@dataclass
class Room:
    """Takes messages; `trouble` is what it raises instead."""

    taken: list[Message] = field(default_factory=list)
    tried: int = 0
    trouble: Exception | None = None

    def send(self, message: Message) -> None:
        self.tried += 1
        if self.trouble is not None:
            raise self.trouble
        self.taken.append(message)


@dataclass
class Office:
    """A courier with rooms, a clock that is set by hand, and a store of alerts."""

    database: Database
    now: datetime = NOON

    def put(self, *ids: str, **routes: Any) -> None:
        alerts = [replace(SEEN, alert_id=id_, opened_at=self.now) for id_ in ids]
        StoredAlerts(self.database).replace(alerts, (self.router(routes),))

    def router(self, routes: dict[str, dict[str, Any]]) -> Router:
        made = tuple(Notify(name=name, url_file="x", **given) for name, given in routes.items())
        return Router(made, {}, lambda _: UTC_ZONE, lambda: self.now)

    def courier(self, rooms: dict[str, Notifier], **routes: dict[str, Any]) -> Courier:
        given = {name: routes.get(name, {}) for name in rooms}
        wording = Wording(Names(b"key"), str, lambda _: "low", None)
        return Courier(
            StoredOutbox(self.database),
            StoredAlerts(self.database),
            self.router(given),
            wording,
            rooms,
            lambda: self.now,
            lambda: 1.0,
        )

    def after(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def states(self) -> list[tuple[str, str, str]]:
        rows = StoredOutbox(self.database).rows()
        return sorted((one.alert_id, one.channel, one.state) for one in rows)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Database.open(tmp_path / "journal.sqlite"))


def test_each_alert_is_told_once_on_each_channel(office: Office) -> None:
    room, hall = Room(), Room()
    office.put("a", "b", room={}, hall={})
    courier = office.courier({"room": room, "hall": hall})
    assert [one.sent for one in courier.once()] == [2, 2]
    office.after(9 * LEASE.total_seconds())
    assert [one.sent for one in courier.once()] == [0, 0]
    assert [one.id for one in room.taken] == ["room/a", "room/b"]
    assert {state for _, _, state in office.states()} == {"sent"}


def test_what_may_pass_is_tried_again_later_and_later_and_then_parked(office: Office) -> None:
    room = Room(trouble=Unreachable("it hangs"))
    office.put("a", room={})
    courier = office.courier({"room": room})
    for attempt in range(1, MOST_ATTEMPTS):
        assert courier.once() == (Delivered("room", waiting=1, trouble="it hangs"),)
        office.after(wait_s(attempt, 1.0) - 1)
        assert courier.once() == (Delivered("room"),)
        office.after(1)
    assert courier.once() == (Delivered("room", parked=1, trouble="it hangs"),)
    assert room.tried == MOST_ATTEMPTS
    room.trouble = None
    assert StoredOutbox(office.database).release(office.now) == 1
    assert courier.once() == (Delivered("room", sent=1),)


def test_what_is_refused_is_parked_at_once_and_the_others_go_on(office: Office) -> None:
    @dataclass
    class Choosy(Room):
        def send(self, message: Message) -> None:
            self.trouble = Refused("not this") if message.id == "room/a" else None
            Room.send(self, message)

    room = Choosy()
    office.put("a", "b", room={})
    done = office.courier({"room": room}).once()
    assert done == (Delivered("room", sent=1, parked=1, trouble="not this"),)
    assert office.states() == [("a", "room", "parked"), ("b", "room", "sent")]


def test_after_a_failure_the_rest_of_the_channel_waits_without_being_counted(
    office: Office,
) -> None:
    room = Room(trouble=Unreachable("it hangs"))
    office.put("a", "b", "c", room={})
    courier = office.courier({"room": room})
    assert courier.once() == (Delivered("room", waiting=3, trouble="it hangs"),)
    assert room.tried == 1
    rows = StoredOutbox(office.database).rows()
    assert [(one.alert_id, one.attempts) for one in rows] == [("a", 1), ("b", 0), ("c", 0)]


def test_an_alert_that_is_no_more_is_not_told(office: Office) -> None:
    room = Room()
    office.put("a", "b", room={})
    StoredAlerts(office.database).replace([replace(SEEN, alert_id="b")])
    done = office.courier({"room": room}).once()
    assert done == (Delivered("room", sent=1, withdrawn=1),)
    assert office.states() == [("a", "room", "withdrawn"), ("b", "room", "sent")]


def test_a_retry_that_falls_into_quiet_hours_waits_for_their_end(office: Office) -> None:
    office.now = datetime(2026, 3, 2, 20, 59, 50, tzinfo=UTC)
    room, quiet = Room(trouble=Unreachable("it hangs")), {"quiet": "21:00-07:00"}
    office.put("a", room=quiet)
    courier = office.courier({"room": room}, room=quiet)
    courier.once()
    room.trouble = None
    office.after(60)
    assert courier.once() == (Delivered("room", waiting=1),)
    office.now = datetime(2026, 3, 3, 7, tzinfo=UTC)
    assert courier.once() == (Delivered("room", sent=1),)


def test_a_digest_is_one_message(office: Office) -> None:
    room, digest = Room(), {"digest": "17:00"}
    office.put("a", "b", "c", room=digest)
    courier = office.courier({"room": room}, room=digest)
    assert courier.once() == (Delivered("room"),)
    office.after(5 * 3600)
    assert courier.once() == (Delivered("room", sent=3),)
    assert [one.title for one in room.taken] == ["3 new leads"]


def test_a_courier_that_dies_is_followed_by_another_with_the_same_message(office: Office) -> None:
    @dataclass
    class Killed(Room):
        def send(self, message: Message) -> None:
            Room.send(self, message)
            raise KeyboardInterrupt

    dead, alive = Killed(), Room()
    office.put("a", room={})
    with pytest.raises(KeyboardInterrupt):
        office.courier({"room": dead}).once()
    assert office.courier({"room": alive}).once() == (Delivered("room"),)
    office.after(LEASE.total_seconds())
    assert office.courier({"room": alive}).once() == (Delivered("room", sent=1),)
    assert dead.taken[0].id == alive.taken[0].id  # by which the receiver can tell


def test_what_ends_every_courier_is_parked(office: Office) -> None:
    @dataclass
    class Deadly(Room):
        def send(self, message: Message) -> None:
            self.tried += 1
            raise KeyboardInterrupt

    deadly = Deadly()
    office.put("a", room={})
    for _ in range(MOST_ATTEMPTS):
        with pytest.raises(KeyboardInterrupt):
            office.courier({"room": deadly}).once()
        office.after(LEASE.total_seconds())
    (done,) = office.courier({"room": deadly}).once()
    assert (done.parked, deadly.tried) == (1, MOST_ATTEMPTS)


@pytest.mark.parametrize("bad", [hang, drip_head, drip_body, 500, 302])
def test_a_bad_target_hurts_only_itself(office: Office, bad: Callable[..., None] | int) -> None:
    """Fault F19: a target that hangs, drips, fails or points elsewhere."""
    network = Network(frozenset({HOST}), deadline_s=0.15)
    with serving() as good, serving() as target:
        good_one, bad_one = (
            Webhook(f"{one.address}/in", b"secret", network) for one in (good, target)
        )
        if isinstance(bad, int):
            target.answer = lambda _: (bad, {"Location": good.address}, b"")
        else:
            target.instead = bad
        office.put("a", bad={}, good={})
        courier = office.courier({"bad": bad_one, "good": good_one})
        for attempt in range(1, MOST_ATTEMPTS + 1):
            courier.once()
            office.after(LONGEST_WAIT_S * attempt)
        assert len(good.asked) == 1
        assert len(target.asked) == (1 if bad == 302 else MOST_ATTEMPTS)
    assert office.states() == [("a", "bad", "parked"), ("a", "good", "sent")]


@given(st.integers(1, 200), st.floats(0, 1))
def test_a_wait_is_between_half_and_all_of_twice_the_one_before(
    attempts: int, drawn: float
) -> None:
    longest = min(FIRST_WAIT_S * 2 ** (attempts - 1), LONGEST_WAIT_S)
    assert longest / 2 <= wait_s(attempts, drawn) <= longest
