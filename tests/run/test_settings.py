"""Settings: defaults for everything, and errors that say what would be right."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from shrinkwatch.records.labeller import Labeller
from shrinkwatch.records.mute import Mute
from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.run import settings
from shrinkwatch.scoring.settings import ScoringSettings


def test_a_folder_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert settings.read(tmp_path) == settings.Settings()


def test_the_template_says_the_defaults() -> None:
    shown = "\n".join(
        line.removeprefix("# ") if " = " in line and ": none" not in line else line
        for line in settings.template().splitlines()
    ).split("# [[labeller]]")[0]
    assert settings.parse(shown) == settings.Settings()


def test_the_template_as_written_is_the_defaults() -> None:
    assert settings.parse(settings.template()) == settings.Settings()


NONE = {"time_zone", "currency", "database", "link"}
"""Settings without a default."""


def test_the_template_shows_every_setting() -> None:
    text = settings.template()
    sections = [
        name.split(".") for name in settings.names() if not name.startswith(("mute.", "labeller."))
    ]
    assert [
        key for _, key in sections if f"# {key}{': none' if key in NONE else ' = '}" not in text
    ] == []


def test_a_mute_is_read_with_its_dates() -> None:
    text = '[[mute]]\nsku = "4711"\nuntil = 2026-03-31\nbecause = "recall"\n'
    assert settings.parse(text).mute == (
        Mute(until=date(2026, 3, 31), because="recall", sku="4711"),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[alert]\n", "unknown setting alert; did you mean alerts?"),
        ("[privacy]\nshow_id = true\n", "did you mean privacy.show_ids?"),
        ("[alerts]\nper_store_week = -1\n", "alerts.per_store_week: Expected `int` >= 0"),
        ("[alerts]\nprobability_floor = 2.0\n", "alerts.probability_floor: Expected"),
        ('[defaults]\ntime_zone = "Mars/Base"\n', "no time zone is called 'Mars/Base'"),
        ("[defaults]\ntime_zone = 3\n", "defaults.time_zone: Expected `str | null`"),
        ('[defaults]\ncurrency = "pounds"\n', "defaults.currency"),
        ("[alerts\n", "not valid TOML"),
        ("alerts = 3\n", "alerts: Expected `object`"),
        ("[[mute]]\nuntil = 2026-03-31\n", "missing required field `because`"),
    ],
)
def test_what_is_wrong_is_named_with_its_cure(text: str, says: str) -> None:
    with pytest.raises(Misconfigured) as trouble:
        settings.parse(text)
    assert says in str(trouble.value)
    assert str(trouble.value).startswith("shrinkwatch.toml")


def test_settings_survive_toml(tmp_path: Path) -> None:
    (tmp_path / settings.FILE_NAME).write_text('[rules]\noff = ["a", "b"]\n')
    assert settings.read(tmp_path).rules.off == ("a", "b")
    assert tomllib.loads(settings.template()).keys() == {
        *("defaults", "store", "alerts", "rules", "privacy", "labels", "audit", "messages"),
    }


def test_it_is_said_who_answers_and_who_that_is_at_the_till() -> None:
    text = '[labels]\nown_store = false\n[[labeller]]\nname = "kim"\nemployee_id = "E7"\n'
    read = settings.parse(text)
    assert not read.labels.own_store
    assert read.labeller == (Labeller("kim", employee_id="E7"),)
    with pytest.raises(Misconfigured, match=r"did you mean labeller\.employee_id"):
        settings.parse('[[labeller]]\nname = "kim"\nemployee = "E7"\n')


def test_a_mute_is_added_and_all_else_stays(tmp_path: Path) -> None:
    path = tmp_path / settings.FILE_NAME
    path.write_text("# my own remark\n[alerts]\nper_store_week = 3\n")
    one = Mute(until=date(2026, 3, 31), because='a "recall"\nof March', sku="4711")
    two = Mute(until=date(2026, 4, 30), because="training", since=date(2026, 4, 1))
    settings.add_mute(tmp_path, one)
    settings.add_mute(tmp_path, two)
    read = settings.read(tmp_path)
    assert read.mute == (one, two)
    assert read.alerts.per_store_week == 3
    assert path.read_text().startswith("# my own remark\n")


def test_a_mute_is_not_added_to_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / settings.FILE_NAME
    path.write_text("[alerts\n")
    with pytest.raises(Misconfigured):
        settings.add_mute(tmp_path, Mute(until=date(2026, 3, 31), because="x"))
    assert path.read_text() == "[alerts\n"


def test_scoring_is_told_budget_and_mutes() -> None:
    text = (
        '[alerts]\nreview_cost = 9.5\n[[mute]]\nstore = "S7"\nuntil = 2026-03-31\nbecause = "x"\n'
    )
    told = settings.parse(text).scoring()
    assert told.review_cost == 9.5
    assert told.mutes[0].store == "S7"
    assert told.mutes[0].until == date(2026, 3, 31)


def test_what_settings_and_scoring_take_for_granted_is_the_same() -> None:
    assert settings.Settings().scoring() == ScoringSettings()
