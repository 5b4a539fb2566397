"""Which learned model judges a day: the one that was champion when the day was closed."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from shrinkwatch.models.learned import LearnedModel
from shrinkwatch.models.registry import Kept, Registry
from shrinkwatch.records.trouble import Refused
from shrinkwatch.scoring.opinion import Opinion


def trusted(registry: Registry, columns: Collection[str], day: date) -> Opinion | None:
    """Return the model that judges this UTC day; None: rules and peers alone do.

    columns: of the dossiers. A champion that is refused (tampered with, unsigned, of other
    features) does not judge: the last good one does; `shrinkwatch check` names it.
    """
    closes = datetime.combine(day + timedelta(1), time(), UTC)
    kept = _champion(registry, columns, closes)
    if kept is None:
        return None
    return Opinion(kept.manifest.model_id, LearnedModel.of(kept.parts))


def doubts(registry: Registry, columns: Collection[str]) -> tuple[str, ...]:
    """Return why the champion of now does not judge, a sentence each; none: it does, or is none."""
    if not registry.root.is_dir():
        return ()
    try:
        model_id = registry.champion()
        if model_id is not None:
            registry.read(model_id, columns)
    except Refused as refused:
        return (str(refused),)
    return ()


def _champion(registry: Registry, columns: Collection[str], at: datetime) -> Kept | None:
    if not registry.root.is_dir():
        return None
    try:
        model_id = registry.champion(at)
        return None if model_id is None else registry.read(model_id, columns)
    except Refused:
        return registry.last_good(columns)
