"""A message says what its reader may know."""

from typing import Any

from msgspec.structs import replace
from tests.run.notify.test_routes import SEEN

from shrinkwatch.cases.names import Names
from shrinkwatch.records.alert import Exonerating
from shrinkwatch.records.message import Message
from shrinkwatch.run.notify.wording import Wording
from shrinkwatch.run.settings import Notify

ALERT = replace(SEEN, exonerating=(Exonerating("Another person approved."),))
NAMES = Names(b"key")


def said(*alerts: Any, show_ids: bool = False, link: str | None = None, **route: Any) -> Message:
    names = Names(NAMES.key, show_ids)
    wording = Wording(names, lambda id_: f"Store {id_}", lambda _: "high", link)
    return wording.of(Notify(name="room", url_file="x", **route), alerts or (ALERT,))


def test_without_being_allowed_more_a_message_is_a_link() -> None:
    message = said(link="https://lp.example.com/a/{alert_id}", show_ids=True)
    assert message.text == (
        "A new lead at Store S1\ngrave: high\nhttps://lp.example.com/a/a1b2c3d4\n\n"
        "A lead, not a finding: look before anybody is asked."
    )
    for hidden in ("104", NAMES.pseudonym("operator", "104", "S1"), "happened", "90"):
        assert hidden not in message.text


def test_with_reasons_people_are_pseudonyms_unless_settings_show_ids() -> None:
    message = said(tells="reasons")
    pseudonym = NAMES.pseudonym("operator", "104", "S1")
    (told,) = message.alerts
    schemes = "Post-void of a finished sale, Cash swapped for another tender"
    assert told.title == f"operator {pseudonym} at Store S1: {schemes}"
    assert dict(told.facts) | {"when": ""} == {
        "grave": "high", "probable": "90\xa0%", "at stake": "€90.00", "when": ""
    }  # fmt: skip
    assert (told.reasons[0], told.speaks_for) == ("It happened.", ("Another person approved.",))
    assert "operator 104" in said(tells="reasons", show_ids=True).alerts[0].title


def test_a_message_has_the_same_id_whenever_it_is_made() -> None:
    other = replace(ALERT, alert_id="ffff", expected_loss=900.0)
    assert said().id == "room/a1b2c3d4"
    both = said(ALERT, other)
    assert both.id == said(other, ALERT).id
    assert (both.title, [one.alert_id for one in both.alerts]) == (
        "2 new leads",
        ["ffff", "a1b2c3d4"],
    )
