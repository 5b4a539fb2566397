"""A topic is read on the client's own mock cluster: groups, restarts, a partition that moves.

It plays the brokers' protocol in this process; it is no broker, and keeps nothing.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from confluent_kafka import Producer

from shrinkwatch.adapters.kafka import KafkaTopic
from shrinkwatch.records.trouble import Misconfigured, Refused

QUICK = {"heartbeat.interval.ms": "100", "session.timeout.ms": "6000", "log_level": "0"}


@dataclass
class Cluster:
    """A mock cluster with a topic of four partitions, and what wrote to it."""

    producer: Any
    address: str
    opened: list[KafkaTopic] = field(default_factory=list)

    def write(self, *values: str) -> None:
        for value in values:
            self.producer.produce("tills", value.encode(), key=value)
        self.producer.flush(10)

    def open(self, topic: str = "tills", **options: str) -> KafkaTopic:
        made = KafkaTopic.open(topic, self.address, "shrinkwatch", QUICK | options)
        self.opened.append(made)
        return made


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    producer = Producer({"test.mock.num.brokers": 1, "log_level": 0})
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    made = Cluster(producer, f"{broker.host}:{broker.port}")
    yield made
    for topic in made.opened:
        topic.close()


def read(topic: KafkaTopic, count: int) -> list[str]:
    """Take until so many came, or nothing comes any more."""
    found: list[str] = []
    until = time.monotonic() + 20
    while len(found) < count and time.monotonic() < until:
        found += [raw.decode() for raw in topic.take(100, 0.2)]
    return sorted(found)


def test_what_was_reported_is_not_read_again_and_what_was_not_is(cluster: Cluster) -> None:
    cluster.write("a", "b", "c")
    first = cluster.open()
    assert read(first, 3) == ["a", "b", "c"]
    first.done()
    cluster.write("d", "e")
    assert read(first, 2) == ["d", "e"]
    cluster.opened.remove(first)
    first.close()  # before it said that they are safe
    assert read(cluster.open(), 2) == ["d", "e"]


def test_two_of_a_group_share_the_topic_and_nothing_is_lost(cluster: Cluster) -> None:
    cluster.write(*(f"{number:02d}" for number in range(40)))
    one, two = cluster.open(), cluster.open()
    found: list[str] = []
    until = time.monotonic() + 30
    while len(set(found)) < 40 and time.monotonic() < until:
        for topic in (one, two):
            found += [raw.decode() for raw in topic.take(100, 0.2)]
            topic.done()
    assert sorted(set(found)) == [f"{number:02d}" for number in range(40)]


def test_a_topic_that_is_not_there_is_named(cluster: Cluster) -> None:
    topic = cluster.open("nosuch")
    with pytest.raises(Refused, match="the topic nosuch cannot be read"):
        topic.take(1, 20)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"enable.auto.commit": "true"}, "enable.auto.commit is set by Shrinkwatch"),
        ({"bootstrap.servers": "x"}, "bootstrap.servers is set by Shrinkwatch"),
        ({"no.such.option": "1"}, "no.such.option"),
    ],
)
def test_an_option_that_is_wrong_or_ours_is_named(options: dict[str, str], says: str) -> None:
    with pytest.raises(Misconfigured, match=says):
        KafkaTopic.open("tills", "localhost:1", "g", options)
