"""The commands of the README and of the five-minute guide, run as they are written."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copy
from typing import Any

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "guide" / "five-minutes.md"
MAPPED = """receipt = ["bon"]
time_zone = "Europe/London"

[file]
numbers = ["menge", "preis", "betrag"]

[transaction]
source = { value = "export" }
store_id = { value = "1" }
transaction_id = { column = "bon" }
ended_at = { column = "datum", formats = ["%Y-%m-%d %H:%M"] }
currency = { value = "GBP" }

[line]
sku = { column = "artikel" }
quantity = { column = "menge" }
list_price = { column = "preis" }
extended = { column = "betrag" }
"""


def commands(page: Path) -> Iterator[list[str]]:
    """Yield every command line of the page's shell blocks, without its remark."""
    for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), flags=re.DOTALL):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            if words:
                yield words


@pytest.fixture
def desk(feed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what a person would bring: a feed, tables, and an export of his own."""
    monkeypatch.chdir(tmp_path)
    own = pl.DataFrame(
        {
            "bon": [1, 1, 2],
            "datum": ["2026-03-02 09:15", "2026-03-02 09:15", "2026-03-02 09:30"],
            "artikel": ["milk", "bread", "milk"],
            "menge": [2, 1, -1],
            "preis": [1.19, 3.49, 1.19],
            "betrag": [2.38, 3.49, -1.19],
        }
    )
    own.write_csv(tmp_path / "tills.csv")
    return tmp_path


def settle(chain: Path, feed: Path, own: Path) -> None:
    """Put into the new workspace what the guide takes as given."""
    for name in ("stores", "registers", "operators"):
        copy(feed / f"{name}.csv", chain)
    copy(feed / "transactions.ndjson.zst", chain / "tills.ndjson")
    copy(own, chain / "export.csv")


def follow(page: Path, command: Callable[..., Any], feed: Path, desk: Path) -> list[str]:
    """Run the page's commands in order; returns those that were run."""
    here, alert, receipt, ran = desk, "", "", []
    for name, *rest in commands(page):
        if name == "cd":
            here = desk / rest[0]
            settle(here, feed, desk / "tills.csv")
        if name != "shrinkwatch":
            continue
        words = [
            {"3f2a9c": alert, "S07/3/2026-03-02/4213": receipt}.get(word, word) for word in rest
        ]
        where = () if words[0] == "init" else ("--workspace", here)
        paths = [desk / word[3:] if word.startswith("../") else word for word in words]
        paths = [here / word if (here / str(word)).is_file() else word for word in paths]
        done = command(*paths, *where)
        assert done.exit_code == 0 or words[0] == "check", (words, done.output)
        ran.append(words[0])
        if words[0] == "map":
            (here / "mappings" / f"{Path(words[1]).stem}.toml").write_text(MAPPED, "utf-8")
        if words[0] == "score" and page == GUIDE:
            alert, receipt = named(command, here)
    return ran


def named(command: Callable[..., Any], chain: Path) -> tuple[str, str]:
    """Return an alert's id and a receipt's key to stand for those of the guide."""
    first = json.loads(command("alerts", "--json", "--workspace", chain).stdout)["alerts"][0]
    key = first["transactions"][0]
    names = ("store_id", "register_id", "business_date", "sequence")
    return first["alert_id"], "/".join(str(key[name]) for name in names)


def test_the_readme_does_what_it_says(command: Callable[..., Any], feed: Path, desk: Path) -> None:
    assert follow(README, command, feed, desk) == ["init", "map", "load", "score", "report"]
    assert (desk / "my-chain" / "reports" / "leads.html").is_file()


def test_the_guide_does_what_it_says(command: Callable[..., Any], feed: Path, desk: Path) -> None:
    ran = follow(GUIDE, command, feed, desk)
    assert ran[:3] == ["init", "load", "map"]
    assert {"show", "receipt", "report", "mute", "rules", "check"} <= set(ran)


def test_every_page_that_the_readme_points_at_is_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text("utf-8"))
    missing = [link for link in links if not (ROOT / link).exists()]
    assert missing == []
