"""Apprise sends to a server on this machine, in a process that a bad server cannot keep."""

import json
import time

import pytest
from tests.adapters.notifiers.messages import MESSAGE
from tests.adapters.targets import HOST, Target, drip_body

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers.apprise import ByApprise, notifier
from shrinkwatch.records.trouble import Refused, Unreachable

INSIDE = Network(frozenset({HOST}))


def to(target: Target, network: Network = INSIDE) -> ByApprise:
    return notifier(f"json://me:hush@{HOST}:{target.port}/in", network)


def test_the_message_arrives(target: Target) -> None:
    to(target).send(MESSAGE)
    (asked,) = target.asked
    told = json.loads(asked.body)
    assert told["title"] == MESSAGE.title
    assert "12 of 40 no-sales" in told["message"]
    assert MESSAGE.alerts[0].link in told["message"]


def test_a_server_that_fails_is_worth_another_try_and_no_secret_is_told(target: Target) -> None:
    target.answer = lambda _: (500, {}, b"")
    with pytest.raises(Unreachable) as lost:
        to(target).send(MESSAGE)
    assert str(lost.value) == "json did not take the message: it answered 500"


def test_a_redirect_is_not_followed(target: Target) -> None:
    target.answer = lambda _: (307, {"Location": f"{target.address}/elsewhere"}, b"")
    with pytest.raises(Unreachable):
        to(target).send(MESSAGE)
    assert [one.path for one in target.asked] == ["/in"]


def test_what_is_inside_is_not_connected_to(target: Target) -> None:
    with pytest.raises(Refused, match=r"messages\.allow_hosts"):
        to(target, Network()).send(MESSAGE)
    assert target.connections == 0


def test_a_server_that_drips_keeps_no_more_than_the_deadline(target: Target) -> None:
    target.instead = drip_body
    began = time.monotonic()
    with pytest.raises(Unreachable, match="no whole answer in 6 s"):
        to(target, Network(frozenset({HOST}), deadline_s=6)).send(MESSAGE)
    assert time.monotonic() - began < 10


def test_an_address_that_nobody_understands_is_refused() -> None:
    with pytest.raises(Refused, match="no address that Apprise understands"):
        notifier("nosuchservice://x", Network()).send(MESSAGE)
