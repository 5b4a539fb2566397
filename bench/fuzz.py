"""Feeds every parser inputs that a coverage-guided fuzzer makes up, and looks for one that breaks.

    python bench/fuzz.py [--seconds 60] [--corpus DIR] [PARSER...]

Each parser runs in a process of its own under Atheris (libFuzzer), for so many seconds, with the
code of this package instrumented. A parser may return, or raise one of this package's own errors,
which say what is wrong with the input; anything else is a crash, its input is kept and printed. For
feeds, besides: what went in comes out as records or rejects, and no card number is left in either.
Prints for each parser how many inputs it was given, how long the longest was, how much of the code
they reached, and what broke. Exits 1 when anything did.

--corpus: a folder where inputs that reached new code are kept, for the next run to begin with.
"""

import argparse
import base64
import hashlib
import hmac
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LONGEST = 4096
SECONDS = 60

RECEIPT = (
    b'{"source":"pos","store_id":"1","register_id":"2","operator_id":"7","transaction_id":"T1",'
    b'"type":"sale","currency":"EUR","net":2.00,"began_at":"2026-03-02T09:00:00+01:00",'
    b'"ended_at":"2026-03-02T09:01:00+01:00","lines":[{"line":1,"kind":"item","sku":"4006381333931",'
    b'"quantity":1,"list_price":2.5,"extended":2.00,"at":"2026-03-02T09:00:10+01:00","price_changes":'
    b'[{"type":"discount","amount":-0.5}]}],"tenders":[{"type":"credit","amount":2.00,"card_token":'
    b'"4111 1111 1111 1111"}],"original":{"transaction_id":"T0"}}\n'
)
XML = b"""<?xml version="1.0"?><POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">
<Transaction><BusinessUnit><UnitID>1</UnitID></BusinessUnit><WorkstationID>2</WorkstationID>
<SequenceNumber>7</SequenceNumber><OperatorID>9</OperatorID><CurrencyCode>EUR</CurrencyCode>
<BeginDateTime>2026-03-02T10:00:00Z</BeginDateTime><EndDateTime>2026-03-02T10:01:00Z</EndDateTime>
<RetailTransaction><LineItem VoidFlag="false"><Sale><ItemID>48</ItemID><Quantity>1</Quantity>
<RegularSalesUnitPrice>2.0</RegularSalesUnitPrice><ExtendedAmount>2.0</ExtendedAmount></Sale>
</LineItem><LineItem><Tender TenderType="Cash"><Amount>2.0</Amount></Tender></LineItem>
</RetailTransaction></Transaction></POSLog>"""
CSV = b"a;b;c\n1;2,50;02.03.2026 09:00\n2;-1,00;\n"
MAPPING = b"""receipt = ["a"]
time_zone = "Europe/London"
[file]
numbers = ["b"]
[transaction]
source = { value = "x" }
store_id = { value = "1" }
transaction_id = { column = "a" }
ended_at = { column = "c", formats = ["%d.%m.%Y %H:%M"] }
currency = { value = "EUR" }
[line]
sku = { column = "a" }
extended = { column = "b" }
"""
STORES = b"store_id,name,time_zone,opens,income\n1,a,Europe/London,8:00,4.5\n2,b,UTC,,\n"
RULE = b"""id = "x"
title = "t"
sentence = "s {n}"
scheme = "no_sale"
when = "type = 'no_sale'"
"""
SETTINGS = b"""[alerts]
per_store_week = 3
[[mute]]
sku = "4711"
until = 2026-03-31
because = "recall"
"""

STRIPE = (
    b'\x00{"id":"e","type":"charge.dispute.closed","created":1772452800,"data":{"object":{"id":"d",'
    b'"charge":"c","payment_intent":"p","amount":99,"currency":"eur","reason":"fraudulent",'
    b'"status":"won"}}}'
)
SQUARE = (
    b'\x01{"event_id":"e","type":"payment.updated","created_at":"2026-03-02T11:59:00Z","data":{'
    b'"object":{"payment":{"id":"p","created_at":"2026-03-02T11:58:00Z","updated_at":'
    b'"2026-03-02T11:58:00Z","location_id":"L","status":"COMPLETED","total_money":{"amount":5,'
    b'"currency":"USD"},"source_type":"CARD","card_details":{"card":{"fingerprint":"f"},'
    b'"entry_method":"EMV"}}}}}'
)
SHOPIFY = (
    b'\x02{"id":1,"created_at":"2026-03-02T11:58:00Z","updated_at":"2026-03-02T11:58:00Z","currency":'
    b'"EUR","total_price":"3.80","total_tax":"0.40","taxes_included":true,"location_id":7,'
    b'"line_items":[{"id":1,"sku":"T","price":"2.5","quantity":2,"discount_allocations":[{"amount":'
    b'"1.2"}]}],"shipping_lines":[{"price":"1"}],"payment_gateway_names":["cash"]}'
)

Parser = Callable[[bytes], object]


def feeds(mapping: bytes | None = None) -> Parser:
    """Return what reads bytes as a file of receipts, whatever their format, to packed columns."""
    from shrinkwatch.intake.card_numbers import find
    from shrinkwatch.intake.mapping import parse_mapping
    from shrinkwatch.intake.read import blocks
    from shrinkwatch.intake.token_key import TokenKey
    from shrinkwatch.journal.places import Places
    from shrinkwatch.run.read_block import BlockReader

    reader = BlockReader(TokenKey(bytes(32)), Places())
    meaning = None if mapping is None else parse_mapping(mapping.decode(), "fuzz")
    path = Path(tempfile.mkdtemp()) / "feed"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        for block in blocks(path, mapping=meaning):
            found = reader.read(block)
            for reject in found.rejects:
                assert reject.reason, reject
                # whole JSON may say that digits are no card's, what breaks off may not
                assert reject.reason != "bad_json" or not find(reject.raw).size, reject
                assert not find(reject.sentence.encode("utf-8", "replace")).size, reject

    return read


def tables() -> Parser:
    """Return what reads bytes as each of the contract's tables; the first byte says which."""
    from shrinkwatch.intake.tables import read_table
    from shrinkwatch.intake.token_key import TokenKey
    from shrinkwatch.records.tables import TABLE_KINDS

    key = TokenKey(bytes(32))
    path = Path(tempfile.mkdtemp()) / "table.csv"

    def read(raw: bytes) -> None:
        path.write_bytes(raw[1:])
        read_table(path, TABLE_KINDS[raw[0] % len(TABLE_KINDS) if raw else 0], key)

    return read


def drafts() -> Parser:
    """Return what drafts a mapping for bytes that it has never seen."""
    from shrinkwatch.intake.draft import draft
    from shrinkwatch.intake.token_key import TokenKey

    key = TokenKey(bytes(32))
    path = Path(tempfile.mkdtemp()) / "unknown.csv"

    def read(raw: bytes) -> None:
        path.write_bytes(raw)
        draft(path, key)

    return read


def texts(parse: Callable[[str], object]) -> Parser:
    """Return what parses bytes as a text."""
    return lambda raw: parse(raw.decode("utf-8", "replace"))


def mappings() -> Parser:
    """Return what parses a mapping."""
    from shrinkwatch.intake.mapping import parse_mapping

    return texts(lambda text: parse_mapping(text, "fuzz"))


def rules() -> Parser:
    """Return what parses a rule, with its conditions."""
    from shrinkwatch.rules.rule import RuleError, frame_columns, parse_rule

    known = frame_columns()

    def parse(text: str) -> None:
        with suppress(RuleError):
            parse_rule(text, known)

    return texts(parse)


def settings() -> Parser:
    """Return what parses settings."""
    from shrinkwatch.run.settings import parse

    return texts(parse)


def bodies() -> Parser:
    """Return what unpacks and cuts a request's body; the first byte says how it is packed."""
    from shrinkwatch.run.api.body import cut, plain
    from shrinkwatch.run.api.problem import Problem

    packings = (b"", b"gzip", b"zstd")
    kinds = (b"application/json", b"application/x-ndjson")

    def read(raw: bytes) -> None:
        choice = raw[0] if raw else 0
        with suppress(Problem):
            cut(plain(raw[1:], packings[choice % 3]), kinds[choice % 2])

    return read


def calls() -> Parser:
    """Return what hears a vendor's call, rightly signed; the first byte says whose it is."""
    from datetime import UTC, datetime

    from shrinkwatch.adapters.sources import hears
    from shrinkwatch.records.heard import HookKey

    key, now = HookKey("x", ("secret",), "https://x/"), datetime(2026, 3, 2, 12, tzinfo=UTC)
    stamp = str(int(now.timestamp()))
    ears = [hears(vendor) for vendor in ("stripe", "square", "shopify")]

    def mark(said: bytes) -> bytes:
        return hmac.digest(b"secret", said, hashlib.sha256)

    def read(raw: bytes) -> None:
        choice, body = (raw[0] if raw else 0) % 3, raw[1:]
        if choice == 0:
            headers = {
                "stripe-signature": f"t={stamp},v1={mark(f'{stamp}.'.encode() + body).hex()}"
            }
        elif choice == 1:
            said = base64.b64encode(mark(b"https://x/" + body)).decode()
            headers = {"x-square-hmacsha256-signature": said}
        else:
            headers = {"x-shopify-hmac-sha256": base64.b64encode(mark(body)).decode()}
        ears[choice](headers, body, key, now)

    return read


def payloads() -> Parser:
    """Return what unpacks a block of the journal; only a whole one may be taken for one."""
    from shrinkwatch.journal.payload import unpack

    return unpack


COMPILED = [
    "shrinkwatch.features.kernel",
    "shrinkwatch.intake.card_numbers",
    "shrinkwatch.intake.formats.json_document",
    "shrinkwatch.intake.json_fields",
    "shrinkwatch.journal.content",
    "shrinkwatch.journal.known_keys",
]
"""Modules whose loops numba compiles, and so cannot be instrumented."""

PARSERS: dict[str, tuple[Callable[[], Parser], tuple[bytes, ...]]] = {
    "feed": (feeds, (RECEIPT, b"[" + RECEIPT.strip() + b"]", XML, CSV)),
    "mapped": (lambda: feeds(MAPPING), (CSV, b"a,b,c\n1,2.5,2026-03-02\n")),
    "table": (tables, (b"\0" + STORES, b"\1" + CSV)),
    "draft": (drafts, (CSV, STORES)),
    "mapping": (mappings, (MAPPING,)),
    "rule": (rules, (RULE,)),
    "settings": (settings, (SETTINGS,)),
    "body": (bodies, (b"\0" + RECEIPT, b"\1[" + RECEIPT.strip() + b"]")),
    "call": (calls, (STRIPE, SQUARE, SHOPIFY)),
    "payload": (payloads, (b"summed\xff\xff",)),
}
"""By name: what makes the parser, and inputs to begin with."""


def fuzz(name: str, corpus: Path, seconds: int) -> None:
    """Run one parser in this process until its time is over; does not return."""
    import atheris

    with atheris.instrument_imports(include=["shrinkwatch"], exclude=COMPILED):
        import shrinkwatch.run.cli  # noqa: F401 (the whole package)

        parse = PARSERS[name][0]()

    def one(raw: bytes) -> None:
        try:
            parse(raw)
        except Exception as error:
            if not type(error).__module__.startswith("shrinkwatch."):
                raise

    limits = (f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=20")
    more = ("-rss_limit_mb=3000", "-print_final_stats=1", str(corpus))
    atheris.Setup([sys.argv[0], *limits, *more], one)
    atheris.Fuzz()


def measured(name: str, corpus: Path, seconds: int) -> bool:
    """Run one parser in a process of its own, print what came of it; returns whether it held."""
    own = corpus / name
    own.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(PARSERS[name][1]):
        (own / f"seed-{number}").write_bytes(seed)
    here = str(Path(__file__).resolve())
    command = [sys.executable, here, "--inside", "--corpus", str(own), "--seconds", str(seconds)]
    done = subprocess.run([*command, name], capture_output=True, text=True, check=False, cwd=corpus)
    runs = re.search(r"stat::number_of_executed_units: (\d+)", done.stderr)
    reached = re.findall(r"ft: (\d+)", done.stderr)
    longest = max(path.stat().st_size for path in own.iterdir())
    count = int(runs[1]) if runs else 0
    said = (
        f"{name:10}",
        f"{count:>10,} inputs",
        f"{count / seconds:>8,.0f} a second",
        f"up to {longest:>5,} bytes",
        f"{reached[-1] if reached else '?':>6} features",
        "BROKE" if done.returncode else "held",
    )
    print("  ".join(said), flush=True)
    if done.returncode:
        print(done.stdout[-3000:], done.stderr[-1500:])
    return done.returncode == 0


def main() -> None:
    """Run the parsers one after the other."""
    given = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    given.add_argument("parsers", nargs="*", help=", ".join(PARSERS))
    given.add_argument("--seconds", type=int, default=SECONDS)
    given.add_argument("--corpus", type=Path)
    given.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    told = given.parse_args()
    if told.inside:
        fuzz(told.parsers[0], told.corpus, told.seconds)
    with tempfile.TemporaryDirectory() as folder:
        corpus = (told.corpus or Path(folder)).resolve()
        held = [measured(name, corpus, told.seconds) for name in told.parsers or PARSERS]
    sys.exit(not all(held))


if __name__ == "__main__":
    main()
