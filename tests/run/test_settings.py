"""Settings: defaults for everything, and errors that say what would be right."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.run import settings


def test_a_folder_without_a_file_has_the_defaults(tmp_path: Path) -> None:
    assert settings.read(tmp_path) == settings.Settings()


def test_the_template_says_the_defaults() -> None:
    shown = "\n".join(
        line.removeprefix("# ") if " = " in line else line
        for line in settings.template().splitlines()
        if not line.startswith("# [[")
    ).split("# Known causes")[0]
    assert settings.parse(shown) == settings.Settings()


def test_the_template_as_written_is_the_defaults() -> None:
    assert settings.parse(settings.template()) == settings.Settings()


def test_the_template_shows_every_setting() -> None:
    text = settings.template()
    sections = [name.split(".") for name in settings.names() if not name.startswith("mute.")]
    assert [key for _, key in sections if f"# {key} = " not in text] == []


def test_a_mute_is_read_with_its_dates() -> None:
    text = '[[mute]]\nsku = "4711"\nuntil = 2026-03-31\nbecause = "recall"\n'
    assert settings.parse(text).mute == (
        settings.Mute(until=date(2026, 3, 31), because="recall", sku="4711"),
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[alert]\n", "unknown setting alert; did you mean alerts?"),
        ("[privacy]\nshow_id = true\n", "did you mean privacy.show_ids?"),
        ("[alerts]\nper_store_week = -1\n", "alerts.per_store_week: Expected `int` >= 0"),
        ("[alerts]\nprobability_floor = 2.0\n", "alerts.probability_floor: Expected"),
        ('[defaults]\ntime_zone = "Mars/Base"\n', "no time zone is called 'Mars/Base'"),
        ("[defaults]\ntime_zone = 3\n", "defaults.time_zone: Expected `str`"),
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
    assert tomllib.loads(settings.template()).keys() == {"defaults", "alerts", "rules", "privacy"}
