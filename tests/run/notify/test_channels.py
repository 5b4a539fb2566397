"""A channel that cannot be opened is named, with its file and the cure."""

from pathlib import Path

import pytest

from shrinkwatch.adapters.notifiers.webhook import Webhook
from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.notify.channels import courier, notifiers
from shrinkwatch.run.opened import Opened, opened

CHANNEL = '\n[[notify]]\nname = "room"\nurl_file = "keys/room.url"\n'


def desk(folder: Path, address: str | None, mode: int = 0o600) -> Opened:
    make_workspace(folder)
    with (folder / "shrinkwatch.toml").open("a") as settings:
        settings.write(CHANNEL)
    (folder / "keys").mkdir()
    if address is not None:
        (folder / "keys" / "room.url").write_text(address)
        (folder / "keys" / "room.url").chmod(mode)
    return opened(folder)


def test_the_address_is_read_from_its_file(tmp_path: Path) -> None:
    made = desk(tmp_path, "https://hooks.example.com/in#secret\n")
    found = notifiers(made)["room"]
    assert isinstance(found, Webhook)
    assert found.url == "https://hooks.example.com/in"
    assert courier(made).once()[0].sent == 0


@pytest.mark.parametrize(
    ("address", "mode", "says"),
    [
        (None, 0o600, "cannot be read"),
        ("", 0o600, "does not hold one address"),
        ("https://a.example/#s\nhttps://b.example/#s\n", 0o600, "does not hold one address"),
        ("https://a.example/#hush", 0o644, "chmod 600"),
        ("https://a.example/", 0o600, "ends with its secret"),
    ],
)
def test_a_wrong_file_is_named_with_the_cure(
    tmp_path: Path, address: str | None, mode: int, says: str
) -> None:
    made = desk(tmp_path, address, mode)
    with pytest.raises(Misconfigured, match=says) as wrong:
        notifiers(made)
    assert "room.url" in str(wrong.value)
    assert "hush" not in str(wrong.value)
