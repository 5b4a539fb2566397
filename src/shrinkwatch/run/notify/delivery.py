"""Carries what is in the outbox to where it belongs, and tries again what does not arrive.

Each channel is carried by a thread of its own: one that hangs, fails or drips delays itself alone.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from msgspec import Struct

from shrinkwatch.adapters.stores.alerts import StoredAlerts
from shrinkwatch.adapters.stores.outbox import Outgoing, StoredOutbox
from shrinkwatch.ports import Clock, Notifier
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.trouble import Refused, Unreachable
from shrinkwatch.run.notify.routes import Router
from shrinkwatch.run.notify.wording import Wording
from shrinkwatch.run.settings import Notify

MOST_ATTEMPTS = 12
"""Then it is parked: about twelve hours after the first attempt."""

FIRST_WAIT_S = 30.0
LONGEST_WAIT_S = 4 * 3600.0

LEASE = timedelta(minutes=5)
"""How long what a courier took is kept from others; longer than a message may take to send."""


_DEADLY = "whoever sent it ended before it was over, every time"


class Delivered(Struct, frozen=True):
    """What one pass over a channel did; trouble: what failed last, None when nothing did."""

    channel: str
    sent: int = 0
    waiting: int = 0
    parked: int = 0
    withdrawn: int = 0
    trouble: str | None = None


def wait_s(attempts: int, drawn: float) -> float:
    """Return how many seconds to wait after so many failed attempts.

    Twice as long after each, up to four hours; of that between half and all, as drawn (0 … 1), so
    that many who failed together do not come back together.
    Source: "equal jitter", M. Brooker, Exponential Backoff And Jitter, AWS 2015.

    >>> wait_s(1, 1.0), wait_s(3, 0.0), wait_s(40, 1.0)
    (30.0, 60.0, 14400.0)
    """
    longest = min(FIRST_WAIT_S * 2.0 ** min(attempts - 1, 20), LONGEST_WAIT_S)
    return longest * (0.5 + drawn / 2)


@dataclass(frozen=True, slots=True)
class Courier:
    """Carries messages. notifiers: by name of the channel. draw: a number from 0 to 1."""

    outbox: StoredOutbox
    alerts: StoredAlerts
    router: Router
    wording: Wording
    notifiers: Mapping[str, Notifier]
    clock: Clock
    draw: Callable[[], float]

    def once(self) -> tuple[Delivered, ...]:
        """Carry all that is due now, every channel beside the others; returns what became of it."""
        routes = self.router.routes
        if not routes:
            return ()
        with ThreadPoolExecutor(len(routes)) as threads:
            return tuple(threads.map(self.carry, routes))

    def carry(self, route: Notify) -> Delivered:
        """Carry what is due on this channel now, and return what became of it.

        After a failure that may pass, the rest of the channel waits as well. Raises: Unreachable
        when the database cannot be written.
        """
        now = self.clock()
        taken = self.outbox.claim(route.name, now, now + LEASE)
        known = {one.alert_id: one for one in self.alerts.all()} if taken else {}
        gone = [one.alert_id for one in taken if one.alert_id not in known]
        self.outbox.withdraw(route.name, gone)
        there = [one for one in taken if one.alert_id in known]
        worn = [one.alert_id for one in there if one.attempts >= MOST_ATTEMPTS]
        self.outbox.park(route.name, worn, _DEADLY)
        ready, early = self._ready(route, [one for one in there if one.alert_id not in worn], known)
        done = Delivered(route.name, waiting=early, parked=len(worn), withdrawn=len(gone))
        for position, group in enumerate(parcels := _parcels(route, ready)):
            trouble, parked = self._send(route, group, known)
            if trouble is None:
                done = _with(done, sent=len(group))
            elif parked:
                done = _with(done, parked=len(group), trouble=trouble)
            else:
                rest = [one for later in parcels[position + 1 :] for one in later]
                self._wait(route, rest, 1, None)
                return _with(done, waiting=len(group) + len(rest), trouble=trouble)
        return done

    def _ready(
        self, route: Notify, taken: Sequence[Outgoing], known: Mapping[str, Alert]
    ) -> tuple[list[Outgoing], int]:
        """Return what may be sent now; what fell into quiet hours meanwhile goes back."""
        ready, now = [], self.clock()
        for one in taken:
            store = known[one.alert_id].subject.store_id
            at = self.router.ready(route, store, now)
            if at > now:
                self.outbox.again(route.name, [one.alert_id], at, None)
            else:
                ready.append(one)
        return ready, len(taken) - len(ready)

    def _send(
        self, route: Notify, group: Sequence[Outgoing], known: Mapping[str, Alert]
    ) -> tuple[str | None, bool]:
        """Send one message; returns what failed (None: nothing) and whether it is parked."""
        ids = [one.alert_id for one in group]
        message = self.wording.of(route, [known[id_] for id_ in ids])
        attempts = max(one.attempts for one in group) + 1
        try:
            self.notifiers[route.name].send(message)
        except Refused as refused:
            self.outbox.park(route.name, ids, str(refused))
            return str(refused), True
        except Unreachable as lost:
            if attempts >= MOST_ATTEMPTS:
                self.outbox.park(route.name, ids, str(lost))
                return str(lost), True
            self._wait(route, group, attempts, str(lost))
            return str(lost), False
        self.outbox.sent(route.name, ids, self.clock())
        return None, False

    def _wait(
        self, route: Notify, group: Sequence[Outgoing], attempts: int, why: str | None
    ) -> None:
        if group:
            later = self.clock() + timedelta(seconds=wait_s(attempts, self.draw()))
            self.outbox.again(route.name, [one.alert_id for one in group], later, why)


def _parcels(route: Notify, ready: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """Return what goes together: everything in a digest, else each by itself."""
    if route.digest is not None:
        return [list(ready)] if ready else []
    return [[one] for one in ready]


def _with(
    done: Delivered, *, sent: int = 0, waiting: int = 0, parked: int = 0, trouble: str | None = None
) -> Delivered:
    return Delivered(
        done.channel,
        done.sent + sent,
        done.waiting + waiting,
        done.parked + parked,
        done.withdrawn,
        done.trouble if trouble is None else trouble,
    )


def carry_on(
    courier: Courier,
    route: Notify,
    stop: threading.Event,
    pause_s: float,
    tell: Callable[[Delivered], None],
) -> None:
    """Carry what is due on this channel, look again after a pause, and so on until stopped.

    tell: called after every pass in which something happened. A database that cannot be written
    for a while is waited for.
    """
    while not stop.is_set():
        try:
            done = courier.carry(route)
        except Unreachable as lost:
            done = Delivered(route.name, trouble=str(lost))
        if done != Delivered(route.name):
            tell(done)
        stop.wait(pause_s)
