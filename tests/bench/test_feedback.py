"""A retailer's regions are strangers to each other, and every way opens an equal number a day."""

import importlib.util
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import polars as pl
import pytest

from shrinkwatch.records.alert import Alert, SchemeProbability, Subject, Versions, Window

FILE = Path(__file__).resolve().parents[2] / "bench" / "feedback.py"
NOW = datetime(2026, 3, 2, tzinfo=UTC)
LATER = date(2026, 3, 12)


@pytest.fixture(scope="module")
def feedback() -> ModuleType:
    spec = importlib.util.spec_from_file_location("feedback", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["feedback"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def night(feedback: ModuleType, *leads: tuple[float, bool]) -> Any:
    """Return a closed day with these leads: how probable, and whether right; persons 0, 1, …"""
    numbers = range(len(leads))
    rows = pl.DataFrame(
        {
            "alert_id": [f"a{n}" for n in numbers],
            "store_id": ["7" for _ in numbers],
            "key": pl.Series(list(numbers), dtype=pl.UInt64),
            "probability": [probability for probability, _ in leads],
            "loss_minor": [100 for _ in numbers],
            "right": [right for _, right in leads],
        }
    )
    alerts = tuple(raised(f"a{n}", Subject("operator", str(n), "7")) for n in numbers)
    return feedback.Night(LATER, rows, alerts, tuple(("operator", str(n), "7") for n in numbers))


def raised(id_: str, about: Subject) -> Alert:
    return Alert(
        alert_id=id_,
        opened_at=NOW,
        updated_at=NOW,
        subject=about,
        schemes=(SchemeProbability("post_void", 0.9),),
        probability=0.9,
        expected_loss=100,
        currency="GBP",
        window=Window(NOW, NOW),
        transactions=(),
        reasons=(),
        versions=Versions("", "", "", ""),
    )


def test_nobody_is_known_in_two_regions(feedback: ModuleType) -> None:
    here = night(feedback, (0.9, True), (0.2, False))
    regions = [
        feedback.Region(seed, (feedback.under_own_names(here, seed),), None) for seed in (1, 2)
    ]
    (whole,) = feedback.together(regions)
    assert whole.rows["alert_id"].to_list() == ["1 a0", "1 a1", "2 a0", "2 a1"]
    assert whole.rows["store_id"].to_list() == ["1 7", "1 7", "2 7", "2 7"]
    assert whole.rows["key"].n_unique() == 4
    assert len(set(whole.actors)) == 4
    assert [alert.alert_id for alert in whole.alerts] == whole.rows["alert_id"].to_list()
    assert [alert.subject.store_id for alert in whole.alerts] == ["1 7", "1 7", "2 7", "2 7"]


def test_every_way_opens_as_many_as_the_shipped_system(feedback: ModuleType) -> None:
    # from 0.3 on two are opened, one of them wrong; who ranks the other way opens the last two
    one = night(feedback, (0.9, True), (0.8, False), (0.2, True), (0.1, True))
    place = feedback.Place(0.3, 0.0)

    def other_way(night: Any, _: Any) -> Any:
        return 1.0 - night.rows["probability"].to_numpy()

    shipped, mine = (feedback.play([one], place, rank) for rank in (None, other_way))
    assert shipped.counted(LATER) == (2, 1, 1)
    assert sorted(mine.opened) == ["a2", "a3"]
    assert mine.counted(LATER) == (2, 0, 2)


def test_the_part_that_learning_avoids_is_by_hand(feedback: ModuleType) -> None:
    rights = {"without answers": 0, "learning": 3, "told everything": 4, "best possible": 6}
    found = {}
    for way, right in rights.items():
        queue = feedback.Queue()
        queue.open(night(feedback, *((0.5, n < right) for n in range(6))), range(6))
        found[way] = (queue,)
    # 6 wrong, 3 with learning; 2 for who is told everything, none at best: 3 of 4, and 3 of 6
    assert np.isclose(feedback.avoided(found, "told everything", LATER), 0.75)
    assert np.isclose(feedback.avoided(found, "best possible", LATER), 0.5)


def test_an_investigator_errs_at_the_same_alerts_in_every_run(feedback: ModuleType) -> None:
    one = night(feedback, *((0.5, False) for _ in range(60)))
    queue = feedback.Queue()
    queue.open(one, range(60))
    investigator = feedback.Learning([one], 1)
    investigator(one, queue)
    errs = np.random.default_rng(1).random(60) < feedback.WRONG  # asked in the order of the ids
    said = dict(zip(sorted(queue.opened), errs.astype(int).tolist(), strict=True))
    assert errs.any()
    assert investigator.said == said
