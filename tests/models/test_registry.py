"""Models are kept, signed, promoted and rolled back; what was changed is refused by name."""

import os
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import lightgbm
import numpy as np
import pytest
from numpy.typing import NDArray

from shrinkwatch.models.manifest import DataWindow, Manifest, Seal
from shrinkwatch.models.registry import Registry
from shrinkwatch.records.trouble import Refused

START = datetime(2026, 3, 1, tzinfo=UTC)
WINDOW = DataWindow(date(2026, 1, 1), date(2026, 2, 1), 40)
ROWS = np.random.default_rng(3).normal(size=(300, 3))


def trees(seed: int) -> bytes:
    """Return a small real model as LightGBM's text."""
    told = {"objective": "binary", "num_leaves": 4, "verbosity": -1, "num_threads": 1, "seed": seed}
    answer = (ROWS[:, seed % 3] > 0).astype(float)
    rows = lightgbm.Dataset(ROWS, answer, params={"verbosity": -1})
    text: str = lightgbm.train(told, rows, 5).model_to_string()
    return text.encode()


def scores(raw: bytes) -> NDArray[np.float64]:
    return np.asarray(lightgbm.Booster(model_str=raw.decode()).predict(ROWS, num_threads=1))


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models", Seal(b"s" * 32))


def keep(registry: Registry, seed: int, hours: int = 0) -> Manifest:
    return registry.add(
        {"model.txt": trees(seed), "model.json": b"{}"},
        columns=("a", "b", "c"),
        data=WINDOW,
        code="1",
        made_at=START + timedelta(hours=hours),
        metrics={"average_precision": 0.5},
    )


def crown(registry: Registry, model_id: str, hours: int) -> None:
    at = START + timedelta(hours=hours)
    registry.judged(model_id, "passed", at=at, by="gate", why="all checks passed")
    registry.promote(model_id, at=at, by="nightly", why="passed the gate")


def test_what_was_kept_scores_to_the_last_bit(registry: Registry) -> None:
    made = keep(registry, 1)
    kept = registry.read(made.model_id)
    assert kept.manifest == made
    assert scores(kept.parts["model.txt"]).tobytes() == scores(trees(1)).tobytes()


def test_training_twice_gives_one_model(registry: Registry) -> None:
    first, again = keep(registry, 1), keep(registry, 1, hours=5)
    assert again == first
    assert len(registry.listed()) == 1


def test_rolling_back_is_quick_and_scores_as_before_to_the_last_bit(registry: Registry) -> None:
    old, new = keep(registry, 1), keep(registry, 2)
    crown(registry, old.model_id, 1)
    before = scores(registry.last_good().parts["model.txt"])  # type: ignore[union-attr]
    crown(registry, new.model_id, 2)
    worse = scores(registry.last_good().parts["model.txt"])  # type: ignore[union-attr]
    began = time.process_time()
    registry.rollback(at=START + timedelta(hours=3), by="me", why="too many alerts")
    kept = registry.last_good()
    assert time.process_time() - began < 5
    assert kept is not None
    assert scores(kept.parts["model.txt"]).tobytes() == before.tobytes() != worse.tobytes()
    asked = [registry.champion(START + timedelta(hours=hours)) for hours in (0, 1, 2, 3)]
    assert asked == [None, old.model_id, new.model_id, old.model_id]


def test_rolling_back_the_first_champion_leaves_no_learned_model(registry: Registry) -> None:
    crown(registry, keep(registry, 1).model_id, 1)
    assert registry.rollback(at=START, by="me", why="no good").model_id is None
    assert registry.champion() is None
    assert registry.last_good() is None
    with pytest.raises(Refused, match="nothing to roll back"):
        registry.rollback(at=START, by="me", why="again")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("part", "its part model.txt was changed"),
        ("lost", "its part model.txt is lacking"),
        ("manifest", "its manifest was changed"),
        ("unsigned", "half-written, it has no manifest.sig"),
        ("no papers", "half-written, it has no manifest.json"),
        ("renamed", "of model"),
    ],
)
def test_a_model_that_was_tampered_with_is_refused_and_the_last_good_one_stays(
    registry: Registry, harm: str, said: str
) -> None:
    good, bad = keep(registry, 1).model_id, keep(registry, 2).model_id
    crown(registry, good, 1)
    crown(registry, bad, 2)
    folder = registry.root / bad
    part, papers = folder / "model.txt", folder / "manifest.json"
    if harm == "part":
        part.write_bytes(part.read_bytes().replace(b"num_leaves=4", b"num_leaves=5", 1))
    elif harm == "lost":
        part.unlink()
    elif harm == "manifest":
        papers.write_bytes(papers.read_bytes().replace(b'"answers": 40', b'"answers": 41'))
    elif harm == "renamed":
        for file in (registry.root / good).iterdir():
            (folder / file.name).write_bytes(file.read_bytes())
    else:
        (folder / ("manifest.sig" if harm == "unsigned" else "manifest.json")).unlink()
    with pytest.raises(Refused, match=said) as refused:
        registry.read(bad)
    assert bad in str(refused.value)
    assert "train it again" in str(refused.value)
    kept = registry.last_good()
    assert kept is not None
    assert kept.manifest.model_id == good
    assert kept.skipped == (str(refused.value),)
    assert [one.model_id for one in registry.listed()] == [good, bad]
    back = registry.rollback(at=START + timedelta(hours=3), by="me", why="damaged")
    assert back.model_id == good


def test_a_rollback_passes_over_a_model_that_does_not_verify(registry: Registry) -> None:
    ids = [keep(registry, seed).model_id for seed in (1, 2, 3)]
    for hours, model_id in enumerate(ids):
        crown(registry, model_id, hours)
    (registry.root / ids[1] / "model.txt").unlink()
    assert registry.rollback(at=START, by="me", why="worse").model_id == ids[0]
    assert registry.champion() == ids[0]


def test_a_damaged_model_is_put_right_by_learning_it_again(registry: Registry) -> None:
    made = keep(registry, 1)
    (registry.root / made.model_id / "model.txt").write_bytes(b"")
    keep(registry, 1)
    assert scores(registry.read(made.model_id).parts["model.txt"]).size == 300


def test_a_model_of_features_that_are_no_more_is_refused_by_name(registry: Registry) -> None:
    made = keep(registry, 1)
    assert registry.read(made.model_id, ["c", "b", "a", "d"]).manifest == made
    with pytest.raises(Refused, match="reads c, which this version does not compute"):
        registry.read(made.model_id, ["a", "b"])
    crown(registry, made.model_id, 1)
    assert registry.last_good(["a", "b"]) is None


def test_a_killed_write_leaves_the_old_state(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk fills up, or the machine stops, at every file that is written to disk in turn."""
    crown(registry, keep(registry, 1).model_id, 1)
    real = os.fsync
    for after in range(5):
        done = iter(range(100))

        def stop(handle: int, after: int = after, done: object = done) -> None:
            if next(done) == after:  # type: ignore[call-overload]
                raise OSError(28, "No space left on device")
            real(handle)

        with monkeypatch.context() as broken:
            broken.setattr(os, "fsync", stop)
            with pytest.raises(OSError, match="No space"):
                keep(registry, 2)
        assert len(registry.listed()) == 1
        assert registry.last_good() is not None
    assert keep(registry, 2).model_id in [one.model_id for one in registry.listed()]


def test_the_gate_must_have_passed_it_or_somebody_insists_in_writing(registry: Registry) -> None:
    made = keep(registry, 1).model_id
    with pytest.raises(Refused, match="has not judged it"):
        registry.promote(made, at=START, by="me", why="I like it")
    registry.judged(made, "refused", at=START, by="gate", why="too many alerts")
    with pytest.raises(Refused, match="said refused"):
        registry.promote(made, at=START, by="me", why="I like it")
    assert registry.champion() is None
    entry = registry.promote(made, at=START, by="me", why="I like it", anyway=True)
    assert (entry.against, entry.verdict, entry.why) == (True, "refused", "I like it")
    assert registry.champion() == made
    with pytest.raises(Refused, match="champion already"):
        registry.promote(made, at=START, by="me", why="again", anyway=True)


def test_a_later_verdict_counts(registry: Registry) -> None:
    made = keep(registry, 1).model_id
    registry.judged(made, "refused", at=START, by="gate", why="few answers")
    registry.judged(made, "passed", at=START, by="gate", why="more answers")
    assert not registry.promote(made, at=START, by="me", why="ok").against


def test_a_history_that_was_forged_decides_nothing_from_there_on(registry: Registry) -> None:
    good, bad = keep(registry, 1).model_id, keep(registry, 2).model_id
    crown(registry, good, 1)
    registry.judged(bad, "refused", at=START, by="gate", why="leak")
    path = registry.root / "history" / "000003.json"
    path.write_bytes(path.read_bytes().replace(b'"refused"', b'"passed"'))
    with pytest.raises(Refused, match="backup"):
        registry.promote(bad, at=START, by="me", why="sneaked in")
    kept = registry.last_good()
    assert kept is not None
    assert kept.manifest.model_id == good
    assert "backup" in kept.skipped[0]


def test_names_of_parts_that_leave_the_folder_are_refused(registry: Registry) -> None:
    for name in ("../x", "a/b", ".hidden", "manifest.json", "manifest.sig"):
        with pytest.raises(Refused, match="plain name"):
            registry.add({name: b""}, columns=(), data=WINDOW, code="1", made_at=START, metrics={})
    for name in ("..", "../models", "", "nowhere"):
        with pytest.raises(Refused, match="no model is called"):
            registry.read(name)


def test_a_model_is_found_by_how_its_id_begins(registry: Registry) -> None:
    made = keep(registry, 1).model_id
    assert registry.find(made[:6]) == made
    with pytest.raises(Refused, match="no model's id begins"):
        registry.find("zz")
    with pytest.raises(Refused, match="lists them"):
        registry.find("")
