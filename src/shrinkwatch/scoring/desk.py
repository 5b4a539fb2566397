"""The desk on which evidence piles up by day, and from which the few alerts worth a look go out."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Self

import msgspec
import numpy as np
import polars as pl
import xxhash
from msgspec.structs import replace

from shrinkwatch.features.catalogue import FEATURES_VERSION
from shrinkwatch.models.unlabelled import MODEL_VERSION
from shrinkwatch.records.alert import Alert, Versions
from shrinkwatch.records.money import minor_decimals
from shrinkwatch.records.tables import Tables
from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.judge import Judgement, filled, silent_rules
from shrinkwatch.rules.rule import Rule
from shrinkwatch.scoring.audit import Audit, Passed
from shrinkwatch.scoring.budget import Budget, Lead
from shrinkwatch.scoring.document import Case, document, identify
from shrinkwatch.scoring.dossier import LEAD_FLOOR, dossiers
from shrinkwatch.scoring.evidence import EVIDENCE_VERSION, Evidence
from shrinkwatch.scoring.ledger import Keys
from shrinkwatch.scoring.mute import silence
from shrinkwatch.scoring.opinion import Opinion
from shrinkwatch.scoring.settings import ScoringSettings
from shrinkwatch.scoring.verdict import Hunt, Verdict, hunts, learn_prior, verdicts
from shrinkwatch.scoring.weigh import Weights, weigh

_LEARN_EVERY = 7


class Desk:
    """Holds the evidence of the window and gives out alerts when a day is closed.

    The same arrivals give the same alerts, however they were split into batches.
    """

    def __init__(self, rules: Sequence[Rule], settings: ScoringSettings) -> None:
        self.rules = tuple(rules)
        self.settings = settings
        self.hunts = hunts(self.rules)
        self.evidence = Evidence(self.rules, settings.window_days, settings.mutes)
        self.budget = Budget(settings.per_store_week, settings.chain_per_week)
        self.audit = Audit(settings.audit_share)
        self.parents: dict[int, int] = {}
        self.weights = Weights()
        self.priors: dict[str, list[float]] = {}
        self.closed_days = 0
        self.lacking: dict[str, str] = {}
        self.shown: dict[str, bool] = {}
        self.opened: dict[str, Alert] = {}
        self.opinion: Opinion | None = None
        self.dossiers = dossiers((), self.rules, date.min)

    @classmethod
    def new(cls, rules: Sequence[Rule], settings: ScoringSettings | None = None) -> Self:
        """Return a desk without evidence."""
        return cls(rules, ScoringSettings() if settings is None else settings)

    def see(
        self, frame: pl.DataFrame, judgement: Judgement, tenders: pl.DataFrame | None = None
    ) -> None:
        """Take in what the rules said of a batch's receipts; they belong to the day that is open.

        frame: of `FeatureStream.advance`. tenders: the batch's; only they hold card tokens, which
        name a card in an alert (without them a card's id is its key in hexadecimal).
        """
        if self.settings.mutes:
            judgement = silence(frame, judgement, self.settings.mutes)
        self._meet_groups(frame)
        self.lacking.update(judgement.lacking)
        for name, shown in judgement.shown.items():
            self.shown[name] = shown or self.shown.get(name, False)
        self.evidence.add(frame, judgement, tenders)

    @property
    def silent(self) -> dict[str, str]:
        """Return rule id -> why it could never speak."""
        return silent_rules(self.rules, self.lacking, self.shown)

    def close_day(self, day: date, tables: Tables) -> list[Alert]:
        """Close the day and return the alerts that are new or changed, the most valuable first.

        A subject is judged on a day on which a rule fired on it; after an enormous amount also
        later (`_asked`). An alert opened in the same ISO week (of the store's calendar) is brought
        up to date outside the budget. A learned model (`opinion`) has the last word on how probable
        a case is; `dossiers` keeps what it saw.
        """
        cases = self.judge(day)
        self.dossiers = self._under_their_ids(cases, dossiers(cases, self.rules, day))
        if self.opinion is not None:
            cases = self.opinion.revised(cases, self.dossiers)
        return self.issue(cases, tables)

    def _under_their_ids(self, cases: Sequence[Case], rows: pl.DataFrame) -> pl.DataFrame:
        """Return the dossiers under the ids of the alerts that are open.

        An alert keeps its id; the commonest store or name of its subject may change in its week.
        """
        known = [self.opened.get(name_of(case)) for case in cases]
        ids = pl.Series([alert and alert.alert_id for alert in known], dtype=pl.String)
        return rows.with_columns(alert_id=pl.coalesce(ids, "alert_id"))

    def judge(self, day: date) -> list[Case]:
        """Close the day and return what is believed of those who are asked about."""
        self.evidence.close(day, self.parents)
        self.closed_days += 1
        asked = {hunt.subject: self._asked(hunt, day) for hunt in self.hunts}
        if not any(keys.size for keys in asked.values()):
            return []
        if self._learns():
            self.weights = Weights()
        found = [one for hunt in self.hunts for one in self._verdicts(hunt, asked[hunt.subject])]
        fired = self.evidence.fired(np.array([one.key for one in found], dtype=np.uint64))
        cases = [case for one in found if (case := self._case(one, fired, day)) is not None]
        return [case for case in cases if case.later is None or name_of(case) not in self.opened]

    def _case(self, verdict: Verdict, fired: pl.DataFrame, day: date) -> Case | None:
        """Return the verdict with its receipts, or None when none of the day bears on it.

        Of an enormous amount those of an earlier day do.
        """
        places = [row["rule"] for row in verdict.rules]
        mine = fired.filter(key=verdict.key).filter(pl.col("rule").is_in(places))
        if mine.is_empty():
            return None
        newest: date = mine["day"][-1]
        is_late = newest < day
        if is_late and not any(self.rules[place].kind == "extreme" for place in places):
            return None
        return Case(verdict, mine, mine.filter(day=newest), day if is_late else None)

    def _learns(self) -> bool:
        return self.closed_days <= _LEARN_EVERY or self.closed_days % _LEARN_EVERY == 0

    def _asked(self, hunt: Hunt, day: date) -> Keys:
        """Return the subjects on whom a rule of the hunt fired on the day.

        An enormous amount comes once, and how unusual it was may only show by what others have
        later: whoever had one, and no alert for it, is asked about again when the desk learns.
        """
        today = self.evidence.fired_on(hunt.places, day)
        return np.union1d(today, self.evidence.extreme(hunt.places)) if self._learns() else today

    def _verdicts(self, hunt: Hunt, asked: Keys) -> list[Verdict]:
        """Return what is believed of these subjects.

        When it is time, learn from everybody how much honest people differ, and how many thieves
        there are.
        """
        if not self._learns():
            weighed = weigh(self.evidence, hunt.column, hunt.places, asked, self.weights)
        else:
            everybody = self.evidence.chances.ledgers[hunt.column].subjects()
            weighed = weigh(
                self.evidence, hunt.column, hunt.places, everybody, self.weights, learn=True
            )
            days = len(self.evidence.chances.days())
            self.priors[hunt.subject] = learn_prior(
                hunt, weighed, everybody.size, self._stores(), days
            )
            weighed = weighed.of(asked)
        prior = self.priors.get(hunt.subject, [0.0] * len(hunt.schemes))
        floor = min(LEAD_FLOOR, self.settings.probability_floor)
        return verdicts(hunt, self.rules, weighed, prior, floor)

    def _meet_groups(self, frame: pl.DataFrame) -> None:
        """Learn to which larger group (lane type and role) each peer group belongs."""
        codes = filled(frame["peer_group"], 0)
        for code in set(np.unique(codes).tolist()) - self.parents.keys():
            first = int(np.argmax(codes == code))
            place = frame["lane_type"][first], frame["role"][first]
            self.parents[code] = xxhash.xxh32_intdigest(repr(place).encode()) or 1

    def issue(self, cases: Sequence[Case], tables: Tables) -> list[Alert]:
        """Return the alerts on these cases that are new or changed, the most valuable first.

        Chosen are those that are probable enough, worth a look and within the budget. Of the
        others a few are drawn by lot, beside the budget; one that is chosen later in its week
        stands as if it had never been drawn.
        """
        known = {name_of(case): case for case in cases}
        floor = self.settings.probability_floor
        likely = {name: case for name, case in known.items() if case.verdict.probability >= floor}
        old = {name: self.opened[name] for name in known if name in self.opened}
        chosen = {name for name in likely if name in old and old[name].chosen_by == "score"}
        admitted = self._admit({name: likely[name] for name in likely.keys() - chosen})
        stay = {name for name, alert in old.items() if alert.chosen_by == "audit"} - admitted
        changed = {name: self._document(known[name], tables, old[name]) for name in chosen | stay}
        changed |= {name: self._document(known[name], tables, None) for name in admitted}
        passed = {name: known[name] for name in known.keys() - old.keys() - admitted}
        for name, chance in self._draw(passed, len(admitted)).items():
            alert = self._document(known[name], tables, None)
            changed[name] = replace(alert, chosen_by="audit", propensity=chance)
        self.opened |= changed
        self._forget_old_weeks()
        return sorted(
            changed.values(), key=lambda one: (-one.probability * one.expected_loss, one.alert_id)
        )

    def _admit(self, likely: dict[str, Case]) -> set[str]:
        """Return which of these, not yet chosen, are worth a look and within the budget."""
        worth = {name: case for name, case in likely.items() if self._is_worth(case)}
        admitted = set()
        for week in sorted({case.week for case in worth.values()}):
            leads = [
                Lead(name, case.store, case.value)
                for name, case in worth.items()
                if case.week == week
            ]
            admitted |= {lead.name for lead in self.budget.admit(week, leads, self._stores())}
        return admitted

    def _draw(self, passed: dict[str, Case], chosen: int) -> dict[str, float]:
        """Return which of the cases passed over are drawn by lot, and each one's chance of it."""
        leads = [
            Passed(name, case.week, case.verdict.probability)
            for name, case in sorted(passed.items())
            if not self._is_muted(case)
        ]
        return self.audit.draw(leads, chosen)

    def _is_worth(self, case: Case) -> bool:
        cost = self.settings.review_cost * 10 ** minor_decimals(case.currency)
        return case.value > cost and not self._is_muted(case)

    def _is_muted(self, case: Case) -> bool:
        return any(
            mute.subject == identify(case).id
            and mute.rule is mute.scheme is mute.store is mute.sku is None
            and (mute.since is None or mute.since <= case.opens_on)
            and case.opens_on <= mute.until
            for mute in self.settings.mutes
        )

    def _document(self, case: Case, tables: Tables, before: Alert | None) -> Alert:
        heard = ((), ()) if self.opinion is None else self.opinion.heard(case)
        return document(case, self.rules, self.silent, tables, self._versions(), before, heard)

    def _stores(self) -> int:
        return max(1, self.evidence.chances.stores)

    def _forget_old_weeks(self) -> None:
        weeks = [date.fromisoformat(name.rsplit("\x1f", 1)[1]) for name in self.opened]
        if weeks:
            oldest = max(weeks) - timedelta(self.settings.window_days)
            self.opened = {
                name: alert
                for (name, alert), week in zip(self.opened.items(), weeks, strict=True)
                if week >= oldest
            }

    def _versions(self) -> Versions:
        text = b"\x1e".join(msgspec.json.encode(rule) for rule in self.rules)
        rules = hashlib.sha256(text).hexdigest()[:12]
        model = MODEL_VERSION if self.opinion is None else self.opinion.model_id
        return Versions(rules, model, FEATURES_VERSION, version("shrinkwatch"))

    def _kept_under(self) -> tuple[str, str, list[list[int]]]:
        """Return what saved evidence depends on: its format, the rules, which share chances."""
        shared = self.evidence.chances.shared.values()
        chances = [list(chance.rules) for some in shared for chance in some]
        return EVIDENCE_VERSION, self._versions().rules, chances

    def packed(self) -> dict[str, bytes]:
        """Return what is a frame as the files that `save` writes."""
        return self.evidence.packed()

    def save(self, folder: Path, packed: Mapping[str, bytes] | None = None) -> None:
        """Write everything that is needed to go on; `load` continues as if nothing had happened.

        packed: of `packed`; with it nothing here packs a frame, which a forked process cannot.
        """
        self.evidence.save(folder, packed)
        state = {name: getattr(self, name) for name in _STATE}
        state["weights"] = dict(sorted(self.weights.shapes.items()))
        state["kept_under"] = self._kept_under()
        (folder / "desk.json").write_bytes(msgspec.json.encode(state))

    @classmethod
    def load(
        cls, folder: Path, rules: Sequence[Rule], settings: ScoringSettings | None = None
    ) -> Self:
        """Return the desk that `save` wrote, with the same rules as then and these settings.

        Raises: Refused when there is none, or one that was kept under other rules.
        """
        desk, path = cls.new(rules, settings), folder / "desk.json"
        if not path.is_file():
            raise Refused(f"no saved evidence in {folder}; replay the journal to make it")
        try:
            state = msgspec.json.decode(path.read_bytes(), type=_State)
        except msgspec.ValidationError as error:
            raise Refused("the evidence was kept by another version; replay the journal") from error
        if state.kept_under != desk._kept_under():
            raise Refused("the evidence was kept under other rules or mutes; replay the journal")
        desk.evidence.restore(folder)
        for name in _STATE:
            setattr(desk, name, getattr(state, name))
        desk.weights = Weights(state.weights)
        desk.budget.per_store_week = desk.settings.per_store_week
        desk.budget.chain_per_week = desk.settings.chain_per_week
        desk.audit.share = desk.settings.audit_share
        return desk


_STATE = ("parents", "closed_days", "lacking", "shown", "opened", "budget", "audit", "priors")


def name_of(case: Case) -> str:
    """Return what tells the case apart on a desk: an alert is on a subject in a week."""
    return f"{case.verdict.subject}\x1f{case.verdict.key}\x1f{case.week}"


class _State(msgspec.Struct):
    """What `desk.json` holds."""

    kept_under: tuple[str, str, list[list[int]]]
    parents: dict[int, int]
    closed_days: int
    lacking: dict[str, str]
    shown: dict[str, bool]
    opened: dict[str, Alert]
    budget: Budget
    audit: Audit
    weights: dict[int, float]
    priors: dict[str, list[float]]
