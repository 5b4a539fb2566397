"""What the gate is told, what it asks for, and what it answers."""

from collections.abc import Mapping
from datetime import date

from msgspec import Struct, field

from shrinkwatch.models.manifest import DataWindow
from shrinkwatch.models.promotions import Verdict


class Ceiling(Struct, frozen=True):
    """What scoring lets through: see `scoring.settings.ScoringSettings`. review_cost in units."""

    per_store_week: int = 5
    chain_per_week: int = 10
    floor: float = 0.3
    review_cost: float = 25.0


class Limits(Struct, frozen=True, kw_only=True):
    """How good a challenger must be. Without a source named, a limit is our own choice.

    answers, of_a_kind: alerts that people answered in the test days, and of each of the two
    answers. A nominal interval needs some ten of the rarer kind (Peduzzi et al. 1996, J. Clinical
    Epidemiology 49).
    margin: by how much the interval of a difference may reach below zero; `precision_margin` of
    the precision itself. A challenger need not be better, it must be proven not to be worse.
    brier_margin: in the Brier score. ece_margin: of the calibration error above what chance
    explains. volume: alerts more or fewer, as a share. store_margin: in the Brier score of the
    worst store; store_answers: a store with fewer is counted with the others of its kind.
    row_s: per row. label_delay_days: answers come so much later than the days they are about.
    stale_days: by how much more training may end before the test begins.
    knows: area under the curve of one feature alone that is too good. implausible_gain,
    implausible_area: a challenger so much better than the champion, and so good, knows the answer.
    weight_of_unknown: share of the gain that may rest on features that scoring does not have.
    random_area: distance from 0.5 of the mean area over so many `shuffles` or more, unless their
    spread explains more (99 % interval, Student 1908).
    """

    answers: int = 30
    of_a_kind: int = 10
    margin: float = 0.05
    precision_margin: float = 0.05
    brier_margin: float = 0.01
    ece_margin: float = 0.02
    volume: float = 0.20
    store_margin: float = 0.05
    store_answers: int = 8
    row_s: float = 2e-4
    label_delay_days: int = 7
    stale_days: int = 14
    knows: float = 0.995
    implausible_gain: float = 0.15
    implausible_area: float = 0.99
    weight_of_unknown: float = 0.01
    random_area: float = 0.02
    shuffles: int = 5
    ceiling: Ceiling = field(default_factory=Ceiling)


class Candidate(Struct, frozen=True, kw_only=True):
    """What is known of the challenger besides its probabilities.

    champion: the id of the model that it challenges (None: no learned model is champion). verifies:
    whether the registry read it back. columns: features that it reads. importance: column ->
    share of the gain, 0 to 1. row_s: seconds per row when it scores a day. random_areas: area under
    the curve, on the test days, of the same learner taught shuffled answers, once a shuffle.
    """

    model_id: str
    champion: str | None
    verifies: bool
    columns: tuple[str, ...]
    data: DataWindow
    importance: Mapping[str, float]
    row_s: float
    random_areas: tuple[float, ...]


class Check(Struct, frozen=True):
    """One question of the gate. passed: None where nobody can know; then value is None too."""

    name: str
    passed: bool | None
    value: float | None
    limit: float
    sentence: str


def answer(
    name: str, passed: bool | None, value: float | None, limit: float, sentence: str
) -> Check:
    """Return the check with plain numbers in it, whatever an array's numbers were."""
    return Check(
        name,
        None if passed is None else bool(passed),
        None if value is None else float(value),
        float(limit),
        sentence,
    )


class Bin(Struct, frozen=True):
    """Alerts of about one probability: what was said, what came true and its 95 % interval."""

    said: float
    true: float
    low: float
    high: float
    answers: int


class AtNumber(Struct, frozen=True):
    """Precision of both among so many alerts; None where none of those was answered."""

    alerts: int
    champion: float | None
    challenger: float | None


class StoreRow(Struct, frozen=True):
    """A store's alerts under both, its answers, and the challenger's Brier score less the other's.

    store_id None: subjects that cross stores.
    """

    store_id: str | None
    champion: int
    challenger: int
    answers: int
    brier_change: float | None


class GateReport(Struct, frozen=True, kw_only=True):
    """The gate's answer with all that it rests on.

    first, last: the test days. alerts: groups of test rows of one subject and week. `same`: the
    challenger says what the champion says, which stays. `unknown`: nothing speaks against it, but
    something could not be known; it is not promoted.
    """

    challenger: str
    champion: str | None
    verdict: Verdict
    first: date
    last: date
    subjects: int
    answers: int
    positive: int
    checks: tuple[Check, ...]
    reliability: Mapping[str, tuple[Bin, ...]]
    precision: tuple[AtNumber, ...]
    stores: tuple[StoreRow, ...]

    @property
    def why(self) -> str:
        """The names of the checks that stood in the way, or that all passed."""
        failed = [check.name for check in self.checks if check.passed is False]
        unsure = [check.name for check in self.checks if check.passed is None]
        if self.verdict == "same":
            return "gives the champion's probabilities"
        if not failed and not unsure:
            return "all checks passed"
        told = [f"failed: {', '.join(failed)}"] if failed else []
        return "; ".join([*told, *([f"unknown: {', '.join(unsure)}"] if unsure else [])])
