"""Whatever fails, dies or is raised again, in any order: each alert is told once on each channel.

Invariant I2: one notification for each alert and channel; who dies between sending and writing it
down sends again, and the receiver can tell by the id.
"""

import tempfile
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from typing import Literal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from tests.run.notify.test_delivery import Office

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.database import Database
from shrinkwatch.adapters.stores.outbox import Outgoing, StoredOutbox
from shrinkwatch.records.message import Message
from shrinkwatch.records.trouble import Refused, Unreachable
from shrinkwatch.run.notify.delivery import MOST_ATTEMPTS

CHANNELS = ("room", "hall")
ROUTES = {name: {} for name in CHANNELS}
IDS = st.sets(st.sampled_from("abcd"), min_size=1)
Fate = Literal["fine", "lost", "refused", "killed before", "killed after"]
FATES = st.sampled_from(("fine", "lost", "refused", "killed before", "killed after"))


class Killed(BaseException):
    """The courier dies here, and nothing of it goes on."""


class Receiver:
    """Counts what arrives by id; `fate` is what happens to whoever sends."""

    def __init__(self) -> None:
        self.fate: Fate = "fine"
        self.arrived: Counter[str] = Counter()
        self.died_after: Counter[str] = Counter()

    def send(self, message: Message) -> None:
        if self.fate == "killed before":
            raise Killed
        if self.fate == "lost":
            raise Unreachable("it hangs")
        if self.fate == "refused":
            raise Refused("it says no")
        self.arrived[message.id] += 1
        if self.fate == "killed after":
            self.died_after[message.id] += 1
            raise Killed


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.office = Office(Database.open(self.folder / "journal.sqlite"))
        self.receivers = {name: Receiver() for name in CHANNELS}
        self.raised: set[str] = set()

    def teardown(self) -> None:
        self.office.database.close()
        rmtree(self.folder)

    @rule(ids=IDS)
    def raise_only_these(self, ids: set[str]) -> None:
        """A replay: some alerts are new, some again, some no more."""
        self.office.put(*sorted(ids), **ROUTES)
        self.raised |= ids

    @rule(room=FATES, hall=FATES)
    def carry(self, room: Fate, hall: Fate) -> None:
        self.receivers["room"].fate, self.receivers["hall"].fate = room, hall
        with suppress(Killed):
            self.office.courier(dict(self.receivers)).once()

    @rule(hours=st.sampled_from((0.02, 0.2, 1, 9)))
    def wait(self, hours: float) -> None:
        self.office.now += timedelta(hours=hours)

    @rule()
    def release(self) -> None:
        StoredOutbox(self.office.database).release(self.office.now)

    @invariant()
    def nothing_arrives_twice_but_after_a_death(self) -> None:
        for receiver in self.receivers.values():
            for id_, times in receiver.arrived.items():
                assert times <= 1 + receiver.died_after[id_]

    @invariant()
    def every_alert_has_one_row_for_each_channel(self) -> None:
        rows = [(one.alert_id, one.channel) for one in self._rows()]
        assert sorted(rows) == sorted((id_, name) for id_ in self.raised for name in CHANNELS)

    @invariant()
    def what_is_said_to_be_sent_has_arrived(self) -> None:
        for one in self._rows():
            arrived = self.receivers[one.channel].arrived[f"{one.channel}/{one.alert_id}"]
            assert one.state != "sent" or arrived >= 1
            assert one.attempts <= MOST_ATTEMPTS or one.state != "waiting"

    def _rows(self) -> list[Outgoing]:
        return StoredOutbox(self.office.database).rows()


class GoesWellInTheEnd(AnyOrder):
    """The same, and at the end everything that can arrive has."""

    def teardown(self) -> None:
        for receiver in self.receivers.values():
            receiver.fate = "fine"
        for _ in range(3):
            self.office.now += timedelta(hours=9)
            StoredOutbox(self.office.database).release(self.office.now)
            self.office.courier(dict(self.receivers)).once()
        there = {one.alert_id for one in StoredAlerts(self.office.database).all()}
        for row in self._rows():
            assert row.state == ("sent" if row.alert_id in there else row.state)
            assert row.state in {"sent", "withdrawn"}
        super().teardown()


TestAnyOrder = GoesWellInTheEnd.TestCase
TestAnyOrder.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
