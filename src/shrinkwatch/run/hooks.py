"""Takes what vendors call: whose call it is, what it tells, and which receipts are disputed."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import polars as pl

from shrinkwatch.adapters.sources import hears
from shrinkwatch.journal.projection import Projection
from shrinkwatch.ports import Journal
from shrinkwatch.records.alert import NaturalKey
from shrinkwatch.records.deed import Actor
from shrinkwatch.records.heard import Disputed, Heard, HookKey
from shrinkwatch.records.trouble import Misconfigured, Unreachable
from shrinkwatch.run.audit import note
from shrinkwatch.run.labels import take_label
from shrinkwatch.run.receipts import fetch_named
from shrinkwatch.run.settings import FILE_NAME, Hook
from shrinkwatch.run.workspace import Workspace

DISPUTED_WITHIN = timedelta(days=540)
"""How old a payment may be when it is disputed.
Source: Visa's and Mastercard's dispute rules, the longest of their time limits."""

_AT_ONCE = 100_000
_READ: Projection = {
    "transactions": (
        *("source", "store_id", "transaction_id", "register_id", "business_date", "sequence"),
        "order_id",
    )
}


def heard(
    workspace: Workspace, hook: Hook, headers: Mapping[str, str], raw: bytes, now: datetime
) -> Heard:
    """Return what this call tells.

    headers, raw: as they came. Raises: Forged when the vendor did not sign it, Refused when it is
    not understood; Misconfigured when the secret's file is lacking.
    """
    key = HookKey(_source(hook), secrets_of(workspace, hook), hook.url)
    return hears(hook.vendor)(headers, raw, key, now)


def record_disputes(workspace: Workspace, hook: Hook, told: Heard, now: datetime) -> int:
    """Record a label on every receipt whose payment is disputed; returns how many are new.

    From then on the card, the till and the cashier of that receipt are known for it. The same call
    again changes nothing. Raises: Unreachable when no receipt carries the payment: its feed may
    be late, and the vendor calls again.
    """
    count = 0
    for dispute in told.disputes:
        keys = _receipts(workspace.journal, dispute, now)
        if not keys:
            raise Unreachable(
                "no receipt carries this payment as its transaction_id or order_id; when its feed "
                "has come, the next call finds it"
            )
        for key in keys:
            if take_label(workspace, _label(dispute, key, hook.vendor, now), now):
                count += 1
                by = Actor("program", f"hook {hook.name}")
                note(workspace, "label_given", "a receipt", {"outcome": dispute.outcome}, by=by)
    return count


def _source(hook: Hook) -> str:
    return hook.name if hook.source is None else hook.source


def secrets_of(workspace: Workspace, hook: Hook) -> tuple[str, ...]:
    """Return what may have signed this hook's calls: one secret, or two while it is changed.

    Raises: Misconfigured, naming the file that is lacking or wrong.
    """
    path = workspace.folder / hook.secrets_file
    where = f"{workspace.folder / FILE_NAME}: hook {hook.name}: {path}"
    try:
        lines = path.read_text("utf-8").split()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{where} cannot be read; write the secret into it") from error
    if not 1 <= len(lines) <= 2:
        raise Misconfigured(f"{where} holds {len(lines)} secrets; write one, or two to change it")
    if path.stat().st_mode & 0o077:
        raise Misconfigured(f"{where} can be read by others: chmod 600 {path}")
    return tuple(lines)


def _receipts(journal: Journal, dispute: Disputed, now: datetime) -> list[NaturalKey]:
    """Return the keys of the receipts that carry this payment."""
    if dispute.key is not None:
        return list(fetch_named(journal, [dispute.key]))
    ids = list(dispute.payment_ids)
    oldest = (now - DISPUTED_WITHIN).date()
    found: list[NaturalKey] = []
    for day in reversed([day for day in journal.days() if day >= oldest]):
        for piece in journal.pieces(day, _AT_ONCE, dict(_READ)):
            carries = pl.col("transaction_id").is_in(ids) | pl.col("order_id").is_in(ids)
            rows = piece.transactions.filter(carries).select(*_READ["transactions"][:-1])
            found += [_key(*row) for row in rows.iter_rows()]
        if found:
            return found
    return found


def _key(
    source: str, store_id: str, transaction_id: str | None, register_id: str | None, *rest: object
) -> NaturalKey:
    if transaction_id is not None:
        return NaturalKey(source, store_id, transaction_id)
    business_date, sequence = rest
    return NaturalKey(source, store_id, None, register_id, business_date, sequence)  # type: ignore[arg-type]


def _label(dispute: Disputed, key: NaturalKey, vendor: str, now: datetime) -> dict[str, str | None]:
    return {
        "at": min(dispute.at, now).isoformat(),
        "by": vendor,
        "outcome": dispute.outcome,
        "loss": dispute.loss if dispute.outcome == "theft" else None,
        "currency": dispute.currency,
        "source": key.source,
        "store_id": key.store_id,
        "transaction_id": key.transaction_id,
        "register_id": key.register_id,
        "business_date": None if key.business_date is None else key.business_date.isoformat(),
        "sequence": None if key.sequence is None else str(key.sequence),
    }
