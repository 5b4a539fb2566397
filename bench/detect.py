"""How many of the alerts are right, and how many thieves are found, on chains never tuned on.

    python bench/detect.py                       five held-out chains, with intervals
    python bench/detect.py --development         the chains on which the method was developed
    python bench/detect.py --chains 201:16:1.0   seed:stores:intensity, as many as you like

Each chain is simulated, written as contract files, loaded into a temporary workspace and replayed
day by day through the rooms that `shrinkwatch score` uses. Right is what the contract calls right
(judging.py). In the same run, on the same evidence: a fixed multiple and an isolation forest
(rivals.py). No label is used anywhere. Seeds 1 to 5 were used in development, 101 and 102 were once
looked at on the way; the held-out chains were not looked at until the method stood.
"""

import argparse
import json
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from scipy.stats import t as student

from judging import (
    Key,
    Raised,
    actor_of,
    false_by_lookalike,
    figures,
    key_of,
    monday,
    right,
    thefts,
)
from rivals import fixed_multiple, isolation_forest, raise_alerts, week_of
from shrinkwatch.features.stream import FeatureStream
from shrinkwatch.records.alert import Alert
from shrinkwatch.records.tables import Tables
from shrinkwatch.rules.book import load_rules
from shrinkwatch.rules.judge import judge
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.workspace import Workspace
from shrinkwatch.scoring.desk import Desk
from shrinkwatch.scoring.settings import ScoringSettings
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.files import TRANSACTIONS_FILE, write
from shrinkwatch.world.settings import WorldSettings

WEEKS = 8
DEVELOPMENT = ((1, 20, 1.0), (2, 14, 1.4), (3, 28, 0.7), (4, 18, 1.0), (5, 24, 1.0))
HELD_OUT = ((201, 16, 1.0), (202, 26, 0.6), (203, 12, 1.6), (204, 34, 0.8), (205, 22, 1.25))
EVERYTHING = ScoringSettings(
    per_store_week=10**6, chain_per_week=10**6, review_cost=-1.0, probability_floor=0.03
)
"""Lets every lead through from 3 % on: what calibration is measured on."""


@dataclass(frozen=True, slots=True)
class Chain:
    """A simulated chain in a workspace, with its answer sheets."""

    workspace: Workspace
    tables: Tables
    incidents: pl.DataFrame
    lookalikes: pl.DataFrame
    stores: int


@contextmanager
def built(seed: int, stores: int, intensity: float) -> Iterator[Chain]:
    """Simulate, write and load a chain; the workspace is removed afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        world = simulate(WorldSettings(stores=stores, weeks=WEEKS, seed=seed, intensity=intensity))
        write(world, folder / "feed", level=1)
        make_workspace(folder / "work")
        workspace = Workspace.open(folder / "work")
        kinds = ("stores", "registers", "operators", "items", "shifts")
        files = [folder / "feed" / f"{kind}.csv" for kind in kinds]
        load([folder / "feed" / TRANSACTIONS_FILE, *files], workspace)
        try:
            tables = workspace.journal.tables()
            yield Chain(workspace, tables, world.incidents, world.lookalikes, stores)
        finally:
            workspace.close()


@dataclass(slots=True)
class Outcome:
    """What came out of one chain, per detector."""

    raised: dict[str, list[Raised]]
    leads: list[Raised]
    times: dict[Key, tuple[datetime, Any]]


def run(chain: Chain) -> Outcome:
    """Replay the chain and return the alerts of every detector."""
    rules = load_rules()
    stream, desk = FeatureStream.new(chain.tables), Desk.new(rules, ScoringSettings())
    wide = Desk.new(rules, EVERYTHING)
    ours: dict[str, Alert] = {}
    leads: dict[str, Alert] = {}
    rivals: dict[str, list[tuple[float, Raised]]] = {"fixed multiple": [], "isolation forest": []}
    times: dict[Key, tuple[datetime, Any]] = {}
    for day in chain.workspace.journal.days():
        batch = chain.workspace.journal.arrivals(day)
        times |= _times(batch.transactions)
        frame = stream.advance(batch)
        judged = judge(rules, frame)
        desk.see(frame, judged, batch.tenders)
        wide.see(frame, judged, batch.tenders)
        ours |= {alert.alert_id: alert for alert in desk.close_day(day, chain.tables)}
        leads |= {alert.alert_id: alert for alert in wide.close_day(day, chain.tables)}
        stream.close_day(day)
        if day.weekday() == 6:
            week = week_of(desk)
            for name, flags in (
                ("fixed multiple", fixed_multiple(week, rules)),
                ("isolation forest", isolation_forest(week, rules)),
            ):
                rivals[name] += raise_alerts(flags, desk, day)
    raised = {"shrinkwatch": [_stripped(alert, times) for alert in ours.values()]}
    many = len(raised["shrinkwatch"])
    for name, found in rivals.items():
        raised[f"{name}, within the ceiling"] = [one for _, one in found]
        ranked = sorted(found, key=lambda pair: -pair[0])
        raised[f"{name}, as many as ours"] = [one for _, one in ranked[:many]]
    return Outcome(raised, [_stripped(alert, times) for alert in leads.values()], times)


def _times(transactions: pl.DataFrame) -> dict[Key, tuple[datetime, Any]]:
    columns = ["source", "store_id", "register_id", "business_date", "sequence", "transaction_id"]
    rows = transactions.select(*columns, "ended_at", "utc_offset_s").iter_rows(named=True)
    return {
        key_of(row): (
            row["ended_at"],
            (row["ended_at"] + timedelta(seconds=row["utc_offset_s"] or 0)).date(),
        )
        for row in rows
    }


def _stripped(alert: Alert, times: dict[Key, tuple[datetime, Any]]) -> Raised:
    rows = [{f: getattr(key, f) for f in key.__struct_fields__} for key in alert.transactions]
    keys = [key_of(row) for row in rows]
    subject = alert.subject
    return Raised(
        actor_of(subject.type, subject.id, subject.store_id),
        monday(times[keys[-1]][1]),
        subject.store_id or keys[-1][1],
        frozenset(keys),
        alert.updated_at,
        alert.schemes[0].id,
        alert.probability,
    )


def measure(chain: Chain) -> dict[str, Any]:
    """Return the figures of every detector on this chain; ours by look-alike and probability."""
    outcome = run(chain)
    answers = thefts(chain.incidents, outcome.times)
    at_tills = [one for one in answers if one.actor[0] == "operator"]
    store_weeks = chain.stores * WEEKS
    found: dict[str, Any] = {"transactions": len(outcome.times), "detectors": {}}
    for name, alerts in outcome.raised.items():
        whole = figures(alerts, answers, store_weeks)
        staff = figures(alerts, at_tills, store_weeks)
        whole["recall_staff"] = staff["recall_actors"]
        whole["recall_staff_loss"] = staff["recall_loss"]
        found["detectors"][name] = whole
    judged = right(outcome.raised["shrinkwatch"], answers)
    found["false_by_lookalike"] = false_by_lookalike(judged, chain.lookalikes)
    found["leads"] = [
        (one.probability, scheme is not None) for one, scheme in right(outcome.leads, answers)
    ]
    return found


def interval(values: list[float]) -> tuple[float, float, float] | None:
    """Return (mean, low, high): Student's 95 % interval over chains; None without values."""
    if not values:
        return None
    mean = statistics.fmean(values)
    if len(values) == 1:
        return mean, math.nan, math.nan
    half = student.ppf(0.975, len(values) - 1) * statistics.stdev(values) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def summary(chains: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures over all chains: pooled counts and intervals over chains."""
    names = list(chains[0]["detectors"])
    table = {}
    for name in names:
        each = [chain["detectors"][name] for chain in chains]
        alerts, hits = sum(one["alerts"] for one in each), sum(one["right"] for one in each)
        table[name] = {
            "alerts": alerts,
            "right": hits,
            "precision_pooled": hits / alerts if alerts else None,
            **{
                key: interval([one[key] for one in each if one[key] is not None])
                for key in (
                    "precision",
                    "alerts_per_store_week",
                    "attainable_precision",
                    "ceiling_attainable_precision",
                    "named_rightly",
                    "recall_actors",
                    "recall_loss",
                    "recall_staff",
                    "recall_staff_loss",
                )
            },
        }
    return {"detectors": table, "schemes": _schemes(chains), "calibration": calibration(chains)}


def _schemes(chains: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    pooled: dict[str, dict[str, float]] = {}
    for chain in chains:
        for scheme, row in chain["detectors"]["shrinkwatch"]["recall_by_scheme"].items():
            into = pooled.setdefault(scheme, dict.fromkeys(row, 0.0))
            for key, value in row.items():
                into[key] += value
    return dict(sorted(pooled.items()))


def calibration(chains: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the reliability table of all leads from 3 % on, and the expected calibration error.

    Source: Naeini, Cooper & Hauskrecht 2015, "Obtaining well calibrated probabilities using
    Bayesian binning", AAAI: the mean over ten bins of |share right - mean probability|, weighted
    by size.
    """
    leads = [lead for chain in chains for lead in chain["leads"]]
    rows, error = [], 0.0
    for low in range(10):
        mine = [lead for lead in leads if min(9, int(lead[0] * 10)) == low]
        if mine:
            said = statistics.fmean(lead[0] for lead in mine)
            was = statistics.fmean(lead[1] for lead in mine)
            rows.append({"from": low / 10, "leads": len(mine), "said": said, "was": was})
            error += len(mine) / len(leads) * abs(said - was)
    return {"ece": error, "bins": rows}


def show(result: dict[str, Any]) -> None:
    """Print the result for a person."""
    print(
        f"{'detector':38} {'alerts':>6} {'a store-week':>12} {'precision':>22} {'could be':>9}"
        f" {'staff found':>18} {'their loss':>18}"
    )
    for name, row in result["summary"]["detectors"].items():
        print(
            f"{name:38} {row['alerts']:6d} {_mid(row['alerts_per_store_week']):>12} "
            f"{_span(row['precision']):>22} {_mid(row['attainable_precision']):>9} "
            f"{_span(row['recall_staff']):>18} {_span(row['recall_staff_loss']):>18}"
        )
    print("\nrecall by scheme: thieves found of all, loss of those found of all")
    for scheme, row in result["summary"]["schemes"].items():
        print(
            f"  {scheme:28} {row['caught']:4.0f} of {row['actors']:4.0f}   "
            f"{row['loss_caught']:9.2f} of {row['loss']:9.2f}"
        )
    print("\nwrong alerts by look-alike:")
    for chain in result["chains"]:
        print(f"  chain {chain['chain']}: {chain['false_by_lookalike'] or 'none wrong'}")
    known = result["summary"]["calibration"]
    print(f"\ncalibration, leads from 3 % on (expected calibration error {known['ece']:.3f}):")
    for row in known["bins"]:
        print(
            f"  {row['from']:.1f}: {row['leads']:4d} leads, "
            f"said {row['said']:.2f}, was {row['was']:.2f}"
        )


def _mid(values: tuple[float, float, float] | None) -> str:
    return "-" if values is None else f"{values[0]:.3f}"


def _span(values: tuple[float, float, float] | None) -> str:
    if values is None:
        return "-"
    if math.isnan(values[1]):
        return f"{values[0]:.3f}"
    return f"{values[0]:.3f} [{max(0.0, values[1]):.2f}, {min(1.0, values[2]):.2f}]"


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--development", action="store_true", help="the development chains")
    parser.add_argument("--chains", nargs="+", help="seed:stores:intensity")
    parser.add_argument("--json", action="store_true", help="one JSON document on stdout")
    asked = parser.parse_args()
    chosen = DEVELOPMENT if asked.development else HELD_OUT
    if asked.chains:
        parts = [text.split(":") for text in asked.chains]
        chosen = tuple((int(seed), int(stores), float(rest)) for seed, stores, rest in parts)
    chains = []
    for seed, stores, intensity in chosen:
        began = time.monotonic()
        with built(seed, stores, intensity) as chain:
            found = measure(chain)
        found["chain"] = f"{seed}:{stores}:{intensity}"
        chains.append(found)
        ours = found["detectors"]["shrinkwatch"]
        print(
            f"chain {found['chain']}: {ours['right']} of {ours['alerts']} alerts right, "
            f"{time.monotonic() - began:.0f} s",
            file=sys.stderr,
        )
    result = {
        "made_at": datetime.now(UTC).isoformat(),
        "summary": summary(chains),
        "chains": chains,
    }
    print(json.dumps(result)) if asked.json else show(result)


if __name__ == "__main__":
    main()
