"""What is told to a person about alerts, whatever way it goes: a card, a mail, a line of chat."""

from typing import Literal

from msgspec import Struct

MessageState = Literal["waiting", "sent", "parked", "withdrawn"]
"""Parked: nobody could be told, and a person must look why. Withdrawn: the alert is no more."""


class Told(Struct, frozen=True):
    """What is told of one alert.

    facts: pairs of a name and a value. reasons: sentences that accuse. speaks_for: sentences that
    exonerate. link: where the whole packet is. Of people only what the settings allow.
    """

    alert_id: str
    title: str
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    speaks_for: tuple[str, ...] = ()
    link: str | None = None


class Message(Struct, frozen=True):
    """One message: about one alert, or a digest of several.

    id: the same whenever the message is sent again, so that a receiver can tell.
    """

    id: str
    title: str
    alerts: tuple[Told, ...]

    @property
    def text(self) -> str:
        """The message in plain words, a paragraph for each alert."""
        return "\n\n".join(_paragraph(one) for one in self.alerts) + "\n\n" + REMINDER


REMINDER = "A lead, not a finding: look before anybody is asked."


def _paragraph(told: Told) -> str:
    lines = [told.title, *(f"{name}: {value}" for name, value in told.facts)]
    lines += [f"- {sentence}" for sentence in told.reasons]
    if told.speaks_for:
        lines += ["What speaks for them:", *(f"- {sentence}" for sentence in told.speaks_for)]
    if told.link is not None:
        lines.append(told.link)
    return "\n".join(lines)
