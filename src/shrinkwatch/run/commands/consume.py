"""`shrinkwatch consume`: records from a topic of Kafka, safe before they are reported as read."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Json, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from shrinkwatch.run.consume import Consumed, Consumer


class Kind(StrEnum):
    """What the messages hold."""

    transactions = "transactions"
    shifts = "shifts"
    till_sessions = "till_sessions"
    stock_moves = "stock_moves"
    labels = "labels"


def consume(
    topic: Annotated[str, typer.Argument(metavar="TOPIC", help="The topic.")],
    brokers: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to begin; several with commas.")
    ] = "localhost:9092",
    group: Annotated[
        str, typer.Option(metavar="NAME", help="Consumers of one group share the topic.")
    ] = "shrinkwatch",
    as_kind: Annotated[
        Kind, typer.Option("--as", metavar="KIND", help="What the messages hold.")
    ] = Kind.transactions,
    options: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Further options of librdkafka, name=value a line: passwords, certificates.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    once: Annotated[
        bool,
        typer.Option("--once", metavar="", help="End when nothing came for ten seconds."),
    ] = False,
    workspace: Workspace = HERE,
    json: Json = False,
) -> None:
    """Take records from a topic of Kafka, or of anything that speaks its protocol.

    A message is one JSON object of the contract, an array of them, or one a line. It is reported as
    read when its records are on the disk; killed in between, they come again and are duplicates. A
    message that cannot be read is kept as a reject. Several consumers of one group share a topic;
    run one, unless it cannot keep up.

    **Examples**

    - `shrinkwatch consume tills --brokers kafka-1:9092,kafka-2:9092`
    - `shrinkwatch consume labels --as labels --options keys/kafka.options`
    """
    from shrinkwatch.adapters.kafka import KafkaTopic
    from shrinkwatch.run import terminal
    from shrinkwatch.run.consume import consumer
    from shrinkwatch.run.opened import opened

    desk = opened(workspace)
    messages = KafkaTopic.open(topic, brokers, group, _read(options))
    consuming = consumer(desk, messages, as_kind.value, f"kafka {topic}")

    def tell(done: "Consumed") -> None:
        if json:
            terminal.print_json(done)
        else:
            terminal.out().print(terminal.plain(_in_words(done)))

    try:
        _take(consuming, tell, once=once)
    finally:
        messages.close()


def _take(consuming: "Consumer", tell: "Callable[[Consumed], None]", *, once: bool) -> None:
    import threading
    import time

    from shrinkwatch.run.consume import consume_on

    stop = threading.Event()
    if not once:
        consume_on(consuming, stop, tell)
        return
    last = time.monotonic()
    while time.monotonic() - last < 10.0:
        done = consuming.once(stop)
        if done.messages:
            last = time.monotonic()
            tell(done)


def _read(path: Path | None) -> dict[str, str]:
    """Return the options in this file; empty lines and those that begin with # are none."""
    from shrinkwatch.records.trouble import Misconfigured

    found = {}
    for line in () if path is None else path.read_text("utf-8").splitlines():
        name, equals, value = line.strip().partition("=")
        if not name or name.startswith("#"):
            continue
        if not equals:
            raise Misconfigured(f"{path}: {name} has no value; write name=value")
        found[name.strip()] = value.strip()
    return found


def _in_words(done: "Consumed") -> str:
    counts = ("accepted", "duplicate", "revised", "conflicting", "rejected")
    told = [f"{getattr(done, name):,} {name}" for name in counts if getattr(done, name)]
    return f"{done.messages:,} messages: {', '.join(told)}"
