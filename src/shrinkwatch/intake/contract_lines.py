"""Reads receipts in the contract's own form, one JSON object a line, whatever they came from."""

import re
from collections.abc import Callable
from decimal import Decimal

import msgspec

from shrinkwatch.intake.block import LONGEST_RECORD, Block, ReadBlock, has_long_line
from shrinkwatch.intake.check import complaint, missing
from shrinkwatch.intake.claim import Claim
from shrinkwatch.intake.json_fields import survey
from shrinkwatch.intake.plain_lines import PlainLines, read_plain
from shrinkwatch.intake.plain_numbers import plain_decoder
from shrinkwatch.intake.recognise import BOM
from shrinkwatch.intake.refusal import Refuser, refuse
from shrinkwatch.intake.scrub import scrub_json
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.records.transaction import Transaction

Decode = Callable[[bytes], Transaction]

_DECODE = msgspec.json.Decoder(Transaction).decode
_DECODE_ANY = msgspec.json.Decoder(float_hook=Decimal).decode
_WHERE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")


def read(block: Block, key: TokenKey, *, for_columns: bool = False) -> ReadBlock:
    """Return the block's transactions and rejects, in the order of its lines; blank lines none.

    Card numbers are taken out of the bytes before anything is decoded. A line that is not a
    transaction costs only itself.

    for_columns: whether plainly written numbers may come as floats or texts, which is quicker;
    `journal.columns` makes the same of them.
    """
    if block.damage is not None:
        reject = refuse(*block.damage, block.raw, key, file=block.file, place=block.place)
        return ReadBlock(rejects=[reject], claims=[None])
    raw = scrub_json(block.raw, key)
    seen = survey(raw)
    found = ReadBlock(unknown_fields=seen.unknown, skipped=dict(block.skipped), given=seen.given)
    plain = plain_decoder().decode if for_columns else None
    if for_columns and seen.given is not None and not seen.odd_lines:
        usual = _all_usual(raw)
        if usual is not None:
            found.transactions, found.lines = usual, list(range(len(usual)))
            return found
    refuser = Refuser(block, key)
    for number, line in enumerate(raw.split(b"\n")):
        if not line or line.isspace():
            continue
        is_odd = seen.given is None or number in seen.odd_lines
        record = read_record(line, is_odd=is_odd, plain=plain)
        if isinstance(record, Transaction):
            found.transactions.append(record)
            found.lines.append(number)
        else:
            found.rejects.append(refuser.refuse(number, *record))
            found.claims.append(Claim.read(line))
    return found


def read_columns(block: Block, key: TokenKey) -> PlainLines | None:
    """Return what the block's lines say in columns, None where not every line is plainly written.

    Then `read` says what there is.
    """
    if block.damage is not None:
        return None
    return read_plain(scrub_json(block.raw, key))


def _all_usual(raw: bytes) -> list[Transaction] | None:
    """Return the transactions of lines on which a survey saw only usual values, at one go.

    None where any line is none, or not a transaction: each line must be looked at then.
    """
    if has_long_line(raw):
        return None
    try:
        transactions = plain_decoder().decode_lines(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
    doubtful = (one for one in transactions if one.ended_at is None or one.transaction_id is None)
    if len(transactions) != lines or any(missing(one) for one in doubtful):
        return None
    return transactions


def read_record(
    line: bytes, *, is_odd: bool = True, plain: Decode | None = None
) -> Transaction | tuple[str, str]:
    """Return the transaction on this line, or the reason code and sentence why there is none.

    line: one JSON object, card numbers already taken out.
    is_odd: False when a survey saw only usual values on it; then only the key is looked at.
    plain: what decodes a record that is not odd; None: the same as for any other.
    """
    if len(line) > LONGEST_RECORD:
        return "too_long", f"one record of {len(line)} bytes; it may have {LONGEST_RECORD}"
    try:
        transaction = _DECODE(line) if plain is None or is_odd else plain(line)
    except msgspec.ValidationError as error:
        if plain is not None:
            return read_record(line)
        if "got `null`" not in str(error):
            return _explain(str(error))
        return _read_without_nulls(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if line.startswith(BOM):  # files with a mark each, put together to one
            return read_record(line.removeprefix(BOM), is_odd=is_odd, plain=plain)
        return "bad_json", f"this is not one whole JSON object: {error}"
    if not is_odd:
        return missing(transaction) or transaction
    return _looked_at(transaction)


def _read_without_nulls(line: bytes) -> Transaction | tuple[str, str]:
    """Read a record in which a field that has a default (`training`) is written as null."""
    try:
        transaction = msgspec.convert(_dense(_DECODE_ANY(line)), Transaction)
    except msgspec.ValidationError as error:
        return _explain(str(error))
    except (ArithmeticError, RecursionError) as error:
        return "impossible_value", f"the record holds a number that cannot be: {error}"
    return _looked_at(transaction)


def _looked_at(transaction: Transaction) -> Transaction | tuple[str, str]:
    """Return the transaction, or reason and sentence; an empty transaction_id counts as none."""
    wrong = complaint(transaction)
    if wrong is None and transaction.transaction_id == "":
        return msgspec.structs.replace(transaction, transaction_id=None)
    return transaction if wrong is None else wrong


def _dense(value: object) -> object:
    """Return the JSON value without members that are null."""
    if isinstance(value, dict):
        return {name: _dense(member) for name, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_dense(member) for member in value]
    return value


def _explain(message: str) -> tuple[str, str]:
    """Return reason code and sentence for what the decoder says of a record."""
    where = _WHERE.search(message)
    path = (where["path"] if where else "") or "the record"
    what = _WHERE.sub("", message)
    if "missing required field" in what:
        return "missing_field", f"{what.split()[-1].strip('`')} is missing in {path}"
    if what.endswith("got `null`"):
        return "missing_field", f"{path} is missing"
    reason = "wrong_type" if "got `" in what else "impossible_value"
    return reason, f"{path}: {what[0].lower()}{what[1:]}"
