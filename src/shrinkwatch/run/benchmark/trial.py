"""Plays one chain through the product's own way, and both rivals on the same evidence beside it."""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from msgspec import Struct

from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.rule import Rule
from shrinkwatch.run.benchmark.judging import Raised, stripped
from shrinkwatch.run.benchmark.rivals import (
    fixed_multiple,
    isolation_forest,
    raise_alerts,
)
from shrinkwatch.run.benchmark.weekly import Weekly
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.rulebook import rules_on
from shrinkwatch.run.score import Replay
from shrinkwatch.run.settings import read
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.document import Case
from shrinkwatch.scoring.settings import ScoringSettings
from shrinkwatch.world.chain import World
from shrinkwatch.world.files import TRANSACTIONS_FILE, write

OURS, MULTIPLE, FOREST = "shrinkwatch", "multiple", "forest"
_CUT = "{}, cut"
DETECTORS = (OURS, *(name.format(rival) for rival in (MULTIPLE, FOREST) for name in ("{}", _CUT)))
"""Ours, and each rival within the ceiling and cut to as many alerts as ours."""

EVERY_LEAD = ScoringSettings(
    per_store_week=10**6,
    chain_per_week=10**6,
    review_cost=-1.0,
    probability_floor=0.03,
    audit_share=0.0,
)
"""Lets every lead through from 3 % on, whatever its worth: what calibration is measured on."""


class Lead(Struct, frozen=True):
    """A lead of the desk that lets everything through, and how probable it was said to be."""

    raised: Raised
    probability: float


class Outcome(Struct, frozen=True):
    """What came out of one chain: the alerts of each detector, and our leads."""

    alerts: dict[str, tuple[Raised, ...]]
    leads: tuple[Lead, ...]


@contextmanager
def loaded(world: World) -> Iterator[Workspace]:
    """Give a workspace into which the chain's files were loaded; it is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="shrinkwatch-bench-") as name:
        feed, folder = Path(name) / "feed", Path(name) / "workspace"
        write(world, feed)
        make_workspace(folder)
        workspace = Workspace.open(folder)
        try:
            tables = [feed / f"{kind}.csv" for kind in world.tables]
            load([feed / TRANSACTIONS_FILE, *tables], workspace, workers=0)
            yield workspace
        finally:
            workspace.close()


def play(workspace: Workspace) -> Outcome:
    """Replay the workspace's journal as `score` does and return the alerts of every detector.

    Alerts drawn by lot are none of a detector's.
    """
    settings = read(workspace.folder)
    rules = rules_on(workspace.folder, settings)
    tables = workspace.journal.tables()
    desk, rivals = OpenDesk(rules, settings.scoring()), Rivals(rules)
    replay = Replay(rules, FeatureStream.new(tables), desk, tables, (rivals.weekly,))
    ours: dict[str, Alert] = {}
    for day in workspace.journal.days():
        _, alerts = replay.whole_day(workspace.journal, day)
        ours |= {alert.alert_id: alert for alert in alerts if alert.chosen_by == "score"}
        if day.weekday() == 6:
            rivals.close_week(day)
    return Outcome(
        {OURS: tuple(stripped(alert) for alert in ours.values()), **rivals.alerts(len(ours))},
        tuple(Lead(stripped(alert), alert.probability) for alert in desk.leads.values()),
    )


class OpenDesk(Desk):
    """The desk, and beside it one of the same evidence that lets every lead through.

    leads: by alert id, as they stood last.
    """

    def __init__(self, rules: Sequence[Rule], settings: ScoringSettings) -> None:
        super().__init__(rules, settings)
        self.leads: dict[str, Alert] = {}
        self._every = Desk.new(rules, EVERY_LEAD)
        self._every.evidence = self.evidence

    def issue(self, cases: Sequence[Case], tables: Tables) -> list[Alert]:
        """Return the alerts that ship; keep every lead."""
        self.leads |= {alert.alert_id: alert for alert in self._every.issue(cases, tables)}
        return super().issue(cases, tables)


class Rivals:
    """The two usual ways, week by week."""

    def __init__(self, rules: tuple[Rule, ...]) -> None:
        self.weekly = Weekly(rules)
        self._found: dict[str, list[tuple[float, Raised]]] = {
            MULTIPLE: [],
            FOREST: [],
        }

    def close_week(self, day: date) -> None:
        """Let both look at the week that this Sunday closed."""
        week, fired = self.weekly.close_week(day)
        if fired.is_empty():
            return
        rules = self.weekly.rules
        for name, flags in (
            (MULTIPLE, fixed_multiple(week, fired, rules)),
            (FOREST, isolation_forest(week, rules)),
        ):
            self._found[name] += raise_alerts(flags, fired, day)

    def alerts(self, many: int) -> dict[str, tuple[Raised, ...]]:
        """Return each rival's alerts within the ceiling and, cut, its `many` best ones."""
        every: dict[str, tuple[Raised, ...]] = {}
        for name, found in self._found.items():
            best = sorted(found, key=lambda pair: -pair[0])[:many]
            every[name] = tuple(one for _, one in found)
            every[_CUT.format(name)] = tuple(one for _, one in best)
        return every
