"""Messages are reported as read when their records are on the disk, and not before."""

import json
import re
import shlex
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.test_kafka import QUICK
from tests.run.test_load import a_record

from shrinkwatch.records.trouble import Unreachable
from shrinkwatch.run.consume import Consumed, Consumer, consume_on, consumer
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.opened import Opened, opened

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class Stream:
    """Messages kept in memory; `read` is how many were reported as read."""

    raws: list[bytes] = field(default_factory=list)
    at: int = 0
    read: int = 0

    def take(self, most: int, _wait_s: float) -> list[bytes]:
        found = self.raws[self.at : self.at + most]
        self.at += len(found)
        return found

    def done(self) -> None:
        self.read = self.at


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Opened]:
    make_workspace(tmp_path)
    made = opened(tmp_path)
    yield made
    made.workspace.close()


def message(*records: Any) -> bytes:
    return json.dumps(records[0] if len(records) == 1 else records).encode()


def consuming(desk: Opened, stream: Stream, kind: str = "transactions") -> Consumer:
    return consumer(desk, stream, kind, "kafka tills", lambda: NOW)


def once(desk: Opened, *raws: bytes, kind: str = "transactions") -> Consumed:
    stream = Stream(list(raws))
    done = consuming(desk, stream, kind).once(threading.Event())
    assert stream.read == len(raws)
    return done


def test_a_message_is_an_object_an_array_or_an_object_a_line(desk: Opened) -> None:
    lines = b"\n".join(message(a_record(number)) for number in (4, 5))
    done = once(desk, message(a_record(1)), message(a_record(2), a_record(3)), lines)
    assert done == Consumed(messages=3, accepted=5)
    (day,) = desk.journal.days()
    arrived = desk.journal.arrivals(day).transactions["arrived_at"]
    assert arrived.unique().to_list() == [NOW]


def test_the_same_messages_again_are_duplicates(desk: Opened) -> None:
    assert once(desk, message(a_record(1))).accepted == 1
    assert once(desk, message(a_record(1))) == Consumed(messages=1, duplicate=1)


@pytest.mark.parametrize("bad", [b"", b"{", b"\xff\xfe", b"[1, 2]", b"[]", b"null", b"{}" * 6000])
def test_a_message_that_cannot_be_read_is_kept_and_stops_no_other(desk: Opened, bad: bytes) -> None:
    done = once(desk, message(a_record(1)), bad, message(a_record(2)))
    assert (done.messages, done.accepted) == (3, 2)
    assert done.rejected >= 1
    assert len(list(desk.journal.rejects())) >= 1


def test_other_records_come_too(desk: Opened) -> None:
    label = {"at": "2026-03-01T10:00:00Z", "by": "kim", "outcome": "error", "source": "till",
             "store_id": "7", "transaction_id": "1"}  # fmt: skip
    assert once(desk, message(label), kind="labels").accepted == 1
    assert desk.journal.tables()["labels"].height == 1


def test_while_nothing_can_be_written_nothing_is_reported_as_read(desk: Opened) -> None:
    stream, stop = Stream([message(a_record(1))]), threading.Event()
    tried: list[int] = []

    def full(group: Any) -> Any:
        tried.append(len(group))
        if len(tried) == 3:
            return working.take(group)
        raise Unreachable("the disk is full")

    working = consuming(desk, stream)
    done = Consumer(stream, "transactions", working.key, full).once(stop, again_s=0.001)
    assert (done.accepted, tried, stream.read) == (1, [1, 1, 1], 1)

    stream.raws.append(message(a_record(2)))
    tried.clear()

    def never(_group: Any) -> Any:
        tried.append(1)
        if len(tried) == 2:
            stop.set()
        raise Unreachable("the disk is full")

    stopped = Consumer(stream, "transactions", working.key, never).once(stop, again_s=0.001)
    assert (stopped, stream.read) == (Consumed(), 1)


def test_it_goes_on_until_it_is_stopped(desk: Opened) -> None:
    stream, stop = Stream([message(a_record(n)) for n in range(1, 2_501)]), threading.Event()
    told: list[int] = []

    def tell(done: Consumed) -> None:
        told.append(done.messages)
        if sum(told) == 2_500:
            stop.set()

    consume_on(consuming(desk, stream), stop, tell)
    assert told == [1_000, 1_000, 500]


def line_of_the_guide() -> list[str]:
    guide = Path(__file__).resolve().parents[2] / "docs" / "guide" / "sources.md"
    blocks = re.findall(r"```sh\n(.*?)```", guide.read_text("utf-8"), flags=re.DOTALL)
    return shlex.split(blocks[1])[1:]


def test_from_a_topic_into_the_journal(command: Any, tmp_path: Path) -> None:
    """On the client's mock cluster, by the command in docs/guide/sources.md."""
    kafka = pytest.importorskip("confluent_kafka")
    producer = kafka.Producer({"test.mock.num.brokers": 1, "log_level": 0})
    (broker,) = producer.list_topics(timeout=10).brokers.values()
    for number in range(1, 21):
        producer.produce("tills", message(a_record(number)), key=str(number))
    producer.produce("tills", b"{half")
    producer.flush(10)
    make_workspace(tmp_path / "here")
    options = tmp_path / "kafka.options"
    options.write_text("# ours\n\n" + "\n".join(f"{n}={v}" for n, v in QUICK.items()))
    brokers = f"{broker.host}:{broker.port}"
    named = {"kafka-1:9092": brokers, "keys/kafka.options": options}
    words = [named.get(word, word) for word in line_of_the_guide()]
    done = command(*words, "--json", "-w", tmp_path / "here")
    assert done.exit_code == 0, done.output
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert sum(one["accepted"] for one in told) == 20
    assert sum(one["rejected"] for one in told) == 1
    desk = opened(tmp_path / "here")
    assert sum(len(desk.journal.arrivals(day)) for day in desk.journal.days()) == 20


def test_an_option_without_a_value_is_named(command: Any, tmp_path: Path) -> None:
    make_workspace(tmp_path / "here")
    (tmp_path / "kafka.options").write_text("sasl.username\n")
    done = command("consume", "tills", "--options", tmp_path / "kafka.options",
                   "-w", tmp_path / "here")  # fmt: skip
    assert done.exit_code == 1
    assert "sasl.username has no value" in " ".join(done.stderr.split())
