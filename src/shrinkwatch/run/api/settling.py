"""Settles a group of submissions: each kind by whoever takes it; a fault costs one request only."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from shrinkwatch.records.trouble import Trouble, Unreachable
from shrinkwatch.run.api.problem import Problem, fault, later
from shrinkwatch.run.api.submission import Answer, Submission

RETRY_AFTER_S = 2

Take = Callable[[Sequence[Submission]], list[Answer]]
"""Takes submissions of one kind; returns the answer of each, in order. Raises: Unreachable."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Takers:
    """What writes each kind of record; one call at a time, from whatever thread.

    take: by kind. at_once: takes a few receipts without waiting for anybody but the disk; None,
    with nothing taken, where that cannot be done.
    """

    take: dict[str, Take]
    at_once: Callable[[Sequence[Submission]], list[Answer] | None]


def settled_at_once(takers: Takers, group: Sequence[Submission]) -> list[Answer] | None:
    """Return the answer of each submission, None where it takes `settled` to tell."""
    if any(one.kind != "transactions" for one in group):
        return None
    try:
        return takers.at_once(group)
    except Unreachable as trouble:
        return _not_written(trouble, group)
    except Exception:  # noqa: BLE001 - an outermost loop: it logs, and they are taken one by one
        _log.exception("records of %s requests could not be taken at once", len(group))
        return None


def settled(takers: Takers, group: Sequence[Submission]) -> list[Answer]:
    """Return the answer of each submission once it is on disk; may wait for others who write."""
    answers: dict[int, Answer] = {}
    for kind in sorted({one.kind for one in group}):
        places = [place for place, one in enumerate(group) if one.kind == kind]
        of_kind = _answers(takers.take[kind], [group[place] for place in places])
        answers |= zip(places, of_kind, strict=True)
    return [answers[place] for place in range(len(group))]


def _answers(take: Take, together: Sequence[Submission]) -> list[Answer]:
    try:
        return take(together)
    except Unreachable as trouble:
        return _not_written(trouble, together)
    except Exception as error:  # noqa: BLE001 - an outermost loop: it logs, and goes on
        _log.exception("records of %s requests could not be taken", len(together))
        if len(together) > 1:  # one request's fault must not cost the others theirs
            return [answer for one in together for answer in _answers(take, [one])]
        return [Problem(422, "refused", str(error)) if isinstance(error, Trouble) else fault()]


def _not_written(trouble: Unreachable, group: Sequence[Submission]) -> list[Answer]:
    _log.error("nothing could be written: %s", trouble)
    detail = "the records could not be made safe on disk, so they are not taken; send them again"
    return [later("not-durable", detail, RETRY_AFTER_S)] * len(group)
