"""Reads a topic of anything that speaks Kafka's protocol, as one of a group of consumers.

What was read is reported as read only when whoever reads says that it is safe: killed before, it is
read again. The library is in the extra `kafka`.
"""

import logging
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Self

from shrinkwatch.records.trouble import Misconfigured, Refused, Unreachable

_log = logging.getLogger(__name__)

_OURS: Mapping[str, Any] = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": True,
    "auto.offset.reset": "earliest",
    "partition.assignment.strategy": "cooperative-sticky",
}
"""What may not be set otherwise: each would lose records or read them before they are safe."""


class KafkaTopic:
    """The messages of one topic, in batches. One thread only may use it."""

    def __init__(self, kafka: ModuleType, consumer: Any, topic: str) -> None:
        self._kafka = kafka
        self._consumer = consumer
        self._topic = topic

    @classmethod
    def open(cls, topic: str, brokers: str, group: str, options: Mapping[str, str]) -> Self:
        """Return the topic, read on from where the group stopped, or from its beginning.

        brokers: HOST:PORT, several with commas. options: of librdkafka, as for a password.
        Raises: Misconfigured for options that there are not or that are ours, and where the library
        is not installed.
        """
        ours = sorted(set(options) & (set(_OURS) | {"group.id", "bootstrap.servers"}))
        if ours:
            raise Misconfigured(f"the option {ours[0]} is set by Shrinkwatch; take it out")
        try:
            import confluent_kafka as kafka
        except ModuleNotFoundError as error:
            raise Misconfigured(
                "reading from Kafka needs its library: pip install 'shrinkwatch[kafka]'"
            ) from error
        own = {"bootstrap.servers": brokers, "group.id": group, **_OURS}
        try:
            consumer = kafka.Consumer({**options, **own})
        except kafka.KafkaException as error:
            raise Misconfigured(f"Kafka's options: {error.args[0].str()}") from error
        consumer.subscribe([topic])
        return cls(kafka, consumer, topic)

    def take(self, most: int, wait_s: float) -> list[bytes]:
        """Return the next messages, at most so many; fewer, or none, when no more come in time.

        Raises: Refused when there is no such topic, or it may not be read; Unreachable when reading
        cannot go on.
        """
        found = []
        for message in self._consumer.consume(most, wait_s):
            if message.error() is not None:
                self._say(message.error())
            elif message.value():
                found.append(message.value())
        return found

    def done(self) -> None:
        """Report everything that was taken as read.

        When the group gave a partition to another meanwhile, that one reads some of it again.
        """
        try:
            self._consumer.commit(asynchronous=False)
        except self._kafka.KafkaException as error:
            if error.args[0].code() != self._kafka.KafkaError._NO_OFFSET:
                _log.warning("%s: what was read will be read again: %s", self._topic, error)

    def close(self) -> None:
        """Leave the group."""
        self._consumer.close()

    def _say(self, error: Any) -> None:
        """Raise what a person must put right; what passes by itself is logged."""
        codes = self._kafka.KafkaError
        if error.code() in {codes.UNKNOWN_TOPIC_OR_PART, codes.TOPIC_AUTHORIZATION_FAILED}:
            raise Refused(f"the topic {self._topic} cannot be read: {error.str()}")
        if error.fatal():
            raise Unreachable(f"reading {self._topic} cannot go on: {error.str()}; start again")
        _log.warning("%s: %s", self._topic, error.str())
