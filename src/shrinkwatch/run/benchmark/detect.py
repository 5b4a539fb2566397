"""Measures detection over a suite: its chains side by side, each finished one kept."""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import msgspec

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.benchmark.answers import Answers, answers_of
from shrinkwatch.run.benchmark.figures import Figures, figures
from shrinkwatch.run.benchmark.judging import judge
from shrinkwatch.run.benchmark.results import Measured, Results
from shrinkwatch.run.benchmark.submitted import read_alerts, write_alerts
from shrinkwatch.run.benchmark.suites import Configuration, suite
from shrinkwatch.run.benchmark.trial import DETECTORS, OURS, Outcome, loaded, play
from shrinkwatch.world.chain import simulate
from shrinkwatch.world.profiles import PROFILES

Progress = Callable[[str, float, float | None], None]

WHOLE = "full"
"""The profile that takes nothing away."""


@dataclass(frozen=True, slots=True)
class _Chain:
    """A chain of which some profiles are still to be measured; without any, its answers are."""

    configuration: Configuration
    profiles: tuple[str, ...]


def detect(
    name: str,
    folder: Path,
    *,
    profiles: Sequence[str] = (WHOLE,),
    jobs: int = 2,
    fresh: bool = False,
    progress: Progress | None = None,
) -> list[Measured]:
    """Measure a suite in these profiles and return the results, by profile and configuration.

    folder: where results are kept; those that still hold are not measured again unless `fresh`.
    jobs: chains at a time. Our alerts are written there too, as others would submit theirs.
    profiles: names of `world.profiles.PROFILES`. Raises: Refused for an unknown suite.
    """
    results, chains = Results(folder, name), suite(name)
    wanting = [
        _Chain(one, tuple(p for p in profiles if fresh or results.find(one, p) is None))
        for one in chains
    ]
    _run([one for one in wanting if one.profiles], results, jobs, progress)
    measured = [one for p in profiles for c in chains if (one := results.find(c, p)) is not None]
    for profile in profiles:
        ours = {one.configuration: one.alerts for one in measured if one.profile == profile}
        write_alerts(ours, folder / f"{name}-{profile}.alerts.csv")
    return measured


def submitted(
    name: str,
    folder: Path,
    alerts: Path,
    *,
    profile: str = WHOLE,
    jobs: int = 2,
    progress: Progress | None = None,
) -> list[Measured]:
    """Return what another system's alerts are worth, beside our own results that are kept.

    alerts: a CSV (`submitted.COLUMNS`); the detector is called by the file's name. A chain of which
    it says nothing is one on which it raised no alert. The answers are simulated where they are
    not kept.
    Raises: Refused for an unknown suite, for a file called as one of our detectors, or for a bad
    file, naming row and column.
    """
    if alerts.stem in DETECTORS:
        raise Refused(f"{alerts.name}: we call one of ours {alerts.stem}; name the file otherwise")
    results, chains = Results(folder, name), suite(name)
    unknown = [_Chain(one, ()) for one in chains if results.answers(one) is None]
    _run(unknown, results, jobs, progress)
    answers = {one.name: known for one in chains if (known := results.answers(one)) is not None}
    raised = read_alerts(alerts, answers)
    return [
        _beside(
            results,
            one,
            profile,
            answers[one.name],
            {alerts.stem: figures(raised.get(one.name, ()), answers[one.name])},
        )
        for one in chains
    ]


def _beside(
    results: Results, one: Configuration, profile: str, answers: Answers, theirs: dict[str, Figures]
) -> Measured:
    """Return our kept result of the chain, if there is one, with their figures first."""
    ours = results.find(one, profile)
    if ours is not None:
        return msgspec.structs.replace(ours, detectors=theirs | ours.detectors)
    return Measured(
        configuration=one.name,
        profile=profile,
        settings=one.settings,
        transactions=answers.transactions,
        fingerprint="",
        detectors=theirs,
    )


def _run(chains: Sequence[_Chain], results: Results, jobs: int, progress: Progress | None) -> None:
    """Measure these chains side by side; what is finished stays when it is stopped."""
    if jobs == 1 or len(chains) < 2:
        for done, chain in enumerate(chains):
            _tell(progress, done, len(chains))
            _measure(chain, results)
        _tell(progress, len(chains), len(chains))
        return
    with ProcessPoolExecutor(jobs, get_context("spawn")) as pool:
        waiting = [pool.submit(_measure, chain, results) for chain in chains]
        try:
            _tell(progress, 0, len(chains))
            for done, future in enumerate(as_completed(waiting), 1):
                future.result()
                _tell(progress, done, len(chains))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _tell(progress: Progress | None, done: int, of: int) -> None:
    if progress is not None:
        progress("Measuring chains", done, of)


def _measure(chain: _Chain, results: Results) -> None:
    """Simulate the chain, keep its answers, and measure it in every profile that is wanted."""
    world = simulate(chain.configuration.settings)
    answers = answers_of(world)
    results.keep_answers(chain.configuration, answers)
    for profile in chain.profiles:
        with loaded(PROFILES[profile](world)) as workspace:
            outcome = play(workspace)
        mark = results.fingerprint(chain.configuration, profile)
        results.keep(_measured(chain.configuration, profile, mark, answers, outcome))


def _measured(
    configuration: Configuration, profile: str, mark: str, answers: Answers, outcome: Outcome
) -> Measured:
    """Return the figures of every detector on this chain."""
    judged = judge((lead.raised for lead in outcome.leads), answers)
    return Measured(
        configuration=configuration.name,
        profile=profile,
        settings=configuration.settings,
        transactions=answers.transactions,
        fingerprint=mark,
        detectors={name: figures(alerts, answers) for name, alerts in outcome.alerts.items()},
        leads=tuple(
            (lead.probability, one.is_right)
            for lead, one in zip(outcome.leads, judged, strict=True)
        ),
        alerts=outcome.alerts[OURS],
    )
