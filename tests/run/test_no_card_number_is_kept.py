"""Ten thousand card numbers go in by every door, from files and over HTTP; none is kept anywhere.

The numbers are made by the textbook's Luhn check and looked for by hand-made means: every text of
every file of the workspace, unpacked, is searched for the numbers themselves.
"""

import gzip
import io
import json
import logging
import random
import re
import sqlite3
import tarfile
import unicodedata
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import zstandard
from tests.intake.test_scrub import PREFIXES, check_digit
from tests.run.api.conftest import open_door
from tests.run.conftest import invoke

from shrinkwatch.journal.payload import unpack, unpack_frame
from shrinkwatch.records.batch import PARTS
from shrinkwatch.run.log_lines import JsonLines

MANY = 10_000
NDJSON = "application/x-ndjson"
MORNING = datetime(2026, 3, 2, 9, tzinfo=UTC)
MAPPING = """
receipt = ["bon"]
time_zone = "Europe/London"
[transaction]
source = { value = "export" }
store_id = { value = "1" }
transaction_id = { column = "bon" }
ended_at = { column = "datum", formats = ["%Y-%m-%d %H:%M"] }
currency = { value = "GBP" }
customer_id = { column = "kunde" }
[line]
sku = { column = "artikel" }
description = { column = "text" }
quantity = { column = "menge" }
extended = { column = "betrag" }
"""


def card_numbers(draw: random.Random) -> list[str]:
    numbers = set()
    while len(numbers) < MANY:
        prefix = draw.choice(PREFIXES)
        body = prefix + "".join(draw.choices("0123456789", k=draw.randint(12, 18) - len(prefix)))
        numbers.add(body + check_digit(body))
    return sorted(numbers)


def plain(number, _draw):
    return number


def grouped(number, _draw):
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def dashed(number, _draw):
    return grouped(number, _draw).replace(" ", "-")


def anyhow(number, draw):
    gaps = draw.choices(["", "", " ", "-", " - "], k=len(number) - 1)
    return "".join(digit + gap for digit, gap in zip(number, [*gaps, ""], strict=True))


def wide(number, _draw):
    return "".join(chr(ord(digit) - 48 + 0xFF10) for digit in number)


def typeset(number, _draw):
    return grouped(number, _draw).replace(" ", "\u2009", 1).replace(" ", "\u2013")


def in_words(number, draw):
    return f"paid by card {anyhow(number, draw)}, thanks"


def in_json(number, draw):
    return json.dumps({"pan": anyhow(number, draw), "inner": json.dumps([number])})


DISGUISES = (plain, grouped, dashed, anyhow, wide, typeset, in_words, in_json)


def escaped(text):
    """Return a JSON string of which every character is written with its code."""
    return '"' + "".join(f"\\u{ord(one):04x}" for one in text) + '"'


class Purse:
    """Hands out the numbers one by one, most of them in the next disguise."""

    def __init__(self, numbers, draw):
        self._numbers = iter(numbers)
        self._draw = draw
        self._given = 0

    def one(self):
        self._given += 1
        return DISGUISES[self._given % len(DISGUISES)](next(self._numbers), self._draw)

    def bare(self):
        return next(self._numbers)

    def rest(self):
        return self._numbers


def receipts(purse, count):
    for number in range(count):
        ended = MORNING + timedelta(minutes=number % 600, days=number // 600)
        yield {
            "source": "pos", "store_id": "1", "register_id": "2", "operator_id": "7",
            "transaction_id": f"T{number}", "type": "sale", "currency": "GBP", "net": 2,
            "ended_at": ended.isoformat(), "customer_id": purse.one(), "loyalty_id": purse.one(),
            "memo": purse.one(), purse.bare(): "a name of a field",
            "lines": [
                {"line": 1, "kind": "item", "sku": "4006381333931", "quantity": 1,
                 "list_price": 2, "extended": 2, "description": purse.one(),
                 "reason": purse.one()},
            ],
            "tenders": [{"type": "credit", "amount": 2, "card_token": purse.one(),
                         "gift_card_id": purse.one(), "pan": int(purse.bare())}],
        }  # fmt: skip


def json_lines(purse, count):
    for number, record in enumerate(receipts(purse, count)):
        memo = record["memo"]
        line = json.dumps(record | {"memo": "@"}, ensure_ascii=number % 2 == 0)
        line = line.replace('"@"', escaped(memo) if number % 7 == 3 else json.dumps(memo))
        if number % 5 == 2:
            # no JSON any more; half a number would be made whole by what a page has beside it
            line = line[: line.rindex(",", 0, len(line) * 3 // 4)]
        yield line


def write_json(path, purse, count):
    path.write_text("\n".join(json_lines(purse, count)) + "\n", "utf-8")


def write_table(path, purse, count):
    rows = {
        "bon": [str(number) for number in range(count)],
        "datum": ["2026-03-02 09:15" if n % 4 else purse.one() for n in range(count)],
        "kunde": [purse.one() for _ in range(count)],
        "artikel": ["milk"] * count,
        "text": [purse.one() for _ in range(count)],
        "menge": ["1" if n % 5 else purse.bare() for n in range(count)],
        "betrag": ["1.19"] * count,
        "bemerkung": [purse.one() for _ in range(count)],
    }
    pl.DataFrame(rows).write_csv(path)


def write_poslog(path, purse, count):
    parts = []
    for number in range(count):
        entity = "".join(f"&#{ord(digit)};" for digit in purse.bare())
        broken = "" if number % 4 else "<Sequence"
        parts.append(
            f"""<Transaction><RetailStoreID>1</RetailStoreID><WorkstationID>2</WorkstationID>
            <SequenceNumber>{number}</SequenceNumber><!-- {purse.one()} -->
            <BeginDateTime>2026-03-02T10:00:00Z</BeginDateTime><OperatorID>{purse.one()}</OperatorID>
            <RetailTransaction><LineItem><Tender TenderType="CreditDebit"><Amount>2</Amount>
            <CreditDebit><PrimaryAccountNumber>{entity}</PrimaryAccountNumber></CreditDebit>
            </Tender></LineItem><ReceiptText line="{purse.one().replace('"', "'")}">
            {purse.one()}</ReceiptText></RetailTransaction>{broken}</Transaction>"""
        )
    path.write_text(f"<POSLog>{''.join(parts)}</POSLog>", "utf-8")


def write_tables(folder, purse):
    stores = {"store_id": ["1", "2"], "time_zone": ["Europe/London", purse.one()],
              "name": [purse.one(), "b"]}  # fmt: skip
    operators = {"store_id": ["1"] * 20, "operator_id": [str(n) for n in range(20)],
                 "employee_id": [purse.one() for _ in range(20)],
                 "role": [purse.one() for _ in range(20)]}  # fmt: skip
    items = {"sku": [f"i{n}" for n in range(40)],
             "description": [purse.one() for _ in range(40)],
             "unit_cost": ["1.0" if n % 4 else purse.bare() for n in range(40)]}  # fmt: skip
    moves = {"row_id": [str(n) for n in range(40)], "store_id": ["1"] * 40, "sku": ["milk"] * 40,
             "at": ["2026-03-02T09:00:00Z"] * 40, "kind": ["receive"] * 40,
             "quantity": ["1" if n % 4 else purse.bare() for n in range(40)],
             "reason": [purse.one() for _ in range(40)],
             "reference": [purse.one() for _ in range(40)]}  # fmt: skip
    for name, rows in (
        ("stores", stores), ("operators", operators), ("items", items), ("stock_moves", moves)
    ):  # fmt: skip
        pl.DataFrame(rows).write_csv(folder / f"{name}.csv")
        yield folder / f"{name}.csv"


def texts_of_database(path):
    with sqlite3.connect(path) as database:
        names = [row[0] for row in database.execute("SELECT name FROM sqlite_master")]
        for table in names:
            try:
                rows = database.execute(f"SELECT * FROM {table}").fetchall()
            except sqlite3.OperationalError:
                continue  # an index
            for row in rows:
                for value in row:
                    if isinstance(value, str):
                        yield value
                    elif isinstance(value, bytes):
                        yield from texts_of_bytes(value)


def texts_of_bytes(raw):
    yield raw.decode("latin-1")
    yield raw.decode("utf-8", "replace")
    for read in (unpack, unpack_frame):
        try:
            found = read(raw)
        except Exception:  # noqa: BLE001 (it is something else)
            continue
        frames = [found] if isinstance(found, pl.DataFrame) else [getattr(found, p) for p in PARTS]
        for frame in frames:
            yield from texts_of_frame(frame)


def texts_of_frame(frame):
    for series in frame.select(pl.col(pl.String)):
        yield "\n".join(series.drop_nulls().unique().to_list())


def texts_of_file(path):
    yield path.name
    if path.suffix == ".sqlite":
        yield from texts_of_database(path)
    elif path.suffix == ".parquet":
        yield from texts_of_frame(pl.read_parquet(path))
    elif path.suffix == ".zst":
        with zstandard.open(path) as raw, tarfile.open(fileobj=io.BytesIO(raw.read())) as tar:
            tar.extractall(path.parent / "unpacked", filter="data")
        for inner in (path.parent / "unpacked").rglob("*"):
            if inner.is_file():
                yield from texts_of_file(inner)
    yield from texts_of_bytes(path.read_bytes())


def unescaped(text):
    text = re.sub(r"\\+u([0-9a-fA-F]{4})", lambda code: chr(int(code[1], 16)), text)
    text = re.sub(r"&#(\d{1,6});", lambda code: chr(int(code[1]) % 0x110000), text)
    return unicodedata.normalize("NFKC", text).replace("\0", "")


def found_in(text, numbers):
    """Return which of the numbers stand in the text, whatever is between their digits."""
    found = set()
    for run in re.findall(r"\d(?:[ \-\u2010-\u2015\u2212]*\d){12,}", unescaped(text)):
        digits = re.sub(r"\D", "", run)
        for length in range(13, 20):
            found |= {digits[at : at + length] for at in range(len(digits) - length + 1)} & numbers
    return found


@pytest.fixture(scope="module")
def fed(tmp_path_factory):
    """A workspace that was told all of it, what its commands said, and the numbers."""
    draw = random.Random(13_19)
    numbers = card_numbers(draw)
    purse = Purse(numbers, draw)
    desk, chain = tmp_path_factory.mktemp("desk"), tmp_path_factory.mktemp("chain") / "workspace"
    tables = list(write_tables(desk, purse))
    named = desk / f"tills {purse.bare()}.ndjson"
    write_json(named, purse, 700)
    write_table(desk / "export.csv", purse, 250)
    write_poslog(desk / "till.xml", purse, 150)
    (desk / "export.toml").write_text(MAPPING)
    rest = list(purse.rest())
    assert len(rest) > 100
    (desk / "damaged.ndjson.gz").write_bytes(b"\x1f\x8b\x08\0" + " ".join(rest).encode())
    commands = (
        ("init", chain),
        *(("load", table, "--workspace", chain) for table in tables),
        ("load", named, "--workspace", chain),
        ("load", desk / "till.xml", "--workspace", chain),
        ("load", desk / "damaged.ndjson.gz", "--workspace", chain),
        ("load", desk / "export.csv", "--mapping", desk / "export.toml", "--workspace", chain),
        ("score", "--workspace", chain),
        ("check", "--json", "--workspace", chain),
        ("check", "--rejects", "--workspace", chain),
        ("alerts", "--json", "--workspace", chain),
        ("report", "--workspace", chain),
        ("backup", chain / "backup.tar.zst", "--workspace", chain),
    )
    said = [(words[0], invoke(*words)) for words in commands]
    return chain, said, frozenset(numbers)


def test_the_looking_glass_sees_every_disguise():
    draw = random.Random(1)
    for disguise in DISGUISES:
        number = "4111111111111111"
        assert found_in(f"x {disguise(number, draw)} y", {number}) == {number}
        assert found_in(escaped(disguise(number, draw)), {number}) == {number}


def test_most_of_the_numbers_went_in_and_records_came_out(fed):
    chain, said, _ = fed
    with sqlite3.connect(chain / "journal.sqlite") as database:
        records = database.execute("SELECT count(*) FROM record").fetchone()[0]
        rejects = database.execute("SELECT count(*) FROM reject").fetchone()[0]
    assert records > 500
    assert rejects > 150
    assert [name for name, done in said if done.exception and done.exit_code not in {0, 1}] == []


def test_none_of_them_is_anywhere_in_the_workspace_or_its_backup(fed):
    chain, _, numbers = fed
    files = [path for path in sorted(chain.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".sqlite", ".parquet", ".zst", ".html"}
    kept = {
        path.relative_to(chain).as_posix(): sorted(found)[:3]
        for path in files
        if (found := set().union(*(found_in(text, numbers) for text in texts_of_file(path))))
    }
    assert kept == {}


def test_none_of_them_was_said_on_the_terminal(fed):
    _, said, numbers = fed
    told = {name: sorted(found_in(done.output, numbers))[:3] for name, done in said}
    assert {name: found for name, found in told.items() if found} == {}


@pytest.fixture(scope="module")
def sent(tmp_path_factory):
    """A workspace that was told all of it over HTTP, what was answered and logged, the numbers."""
    draw = random.Random(19_13)
    numbers = card_numbers(draw)
    purse = Purse(numbers, draw)
    chain = tmp_path_factory.mktemp("door") / "workspace"
    assert invoke("init", chain).exit_code == 0
    heard, log = [], io.StringIO()
    handler = logging.StreamHandler(log)
    root = logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(handler)
    for door in open_door(chain):
        handler.setFormatter(JsonLines(door.workspace.key))
        key = door.key()
        lines = [line.encode() for line in json_lines(purse, 1000)]
        for start in range(0, len(lines), 250):
            body = b"\n".join(lines[start : start + 250])
            packed = {"content_encoding": "gzip"} if start % 500 else {}
            body = gzip.compress(body) if packed else body
            heard.append(door.send(key, body, content_type=NDJSON, **packed).text)
        one = next(iter(receipts(purse, 1)))
        one |= {"operator_id": purse.one(), "approver_id": purse.one(), "transaction_id": "last"}
        heard.append(door.send(key, [one, purse.one(), [purse.one()], int(purse.bare())]).text)
        for table, rows in rows_of_tables(purse):
            heard.append(door.send(key, rows, f"/v1/{table}").text)
        heard.append(door.send(key, json.dumps([purse.one()] * 3)[:-2].encode()).text)
        heard.append(door.client.get(f"/v1/alerts/{purse.bare()}").text)
        rest = " ".join(purse.rest()).encode()
        torn = ({"content_encoding": "zstd"}, {"content_type": NDJSON})
        heard += [door.send(key, rest, **more).text for more in torn]
        door.workspace.journal.archive_closed_days(door.watch.now.date() + timedelta(days=1))
    root.removeHandler(handler)
    root.setLevel(before)
    for words in (("score",), ("backup", chain / "backup.tar.zst")):
        done = invoke(*words, "--workspace", chain)
        assert done.exit_code == 0, done.output
        heard.append(done.output)
    return chain, [*heard, log.getvalue()], frozenset(numbers)


def rows_of_tables(purse):
    yield "stock_moves", [
        {"store_id": "1", "sku": "milk", "at": "2026-03-02T09:00:00Z", "kind": "waste",
         "quantity": 1 if n % 4 else purse.bare(), "reason": purse.one(),
         "reference": purse.one(), "user_id": purse.one()}
        for n in range(40)
    ]  # fmt: skip
    yield "shifts", [
        {"store_id": "1", "operator_id": purse.one(),
         "clock_in": "2026-03-02T08:00:00Z" if n % 4 else purse.one()}
        for n in range(40)
    ]  # fmt: skip
    yield "labels", [
        {"at": "2026-03-02T10:00:00Z", "by": purse.one(), "outcome": "theft" if n % 4 else
         purse.one(), "source": "pos", "store_id": "1", "transaction_id": f"T{n}"}
        for n in range(40)
    ]  # fmt: skip


def test_over_http_most_of_the_numbers_went_in_and_records_came_out(sent):
    chain, heard, _ = sent
    with sqlite3.connect(chain / "journal.sqlite") as database:
        rejects = database.execute("SELECT count(*) FROM reject").fetchone()[0]
    assert rejects > 200
    accepted = [json.loads(one)["accepted"] for one in heard[:4]]
    assert sum(accepted) == 800, "every fifth is no JSON any more"
    archived = pl.read_parquet(sorted(chain.rglob("*-transactions.parquet")))
    assert archived.height >= 800
    assert archived["loyalty_id"].drop_nulls().str.contains("tok_").any()


def test_over_http_none_of_them_is_anywhere_in_the_workspace_or_its_backup(sent):
    chain, _, numbers = sent
    files = [path for path in sorted(chain.rglob("*")) if path.is_file()]
    assert {path.suffix for path in files} >= {".sqlite", ".parquet", ".zst"}
    kept = {
        path.relative_to(chain).as_posix(): sorted(found)[:3]
        for path in files
        if (found := set().union(*(found_in(text, numbers) for text in texts_of_file(path))))
    }
    assert kept == {}


def test_over_http_none_of_them_is_answered_or_logged(sent):
    _, heard, numbers = sent
    told = {number: sorted(found_in(text, numbers))[:3] for number, text in enumerate(heard)}
    assert {number: found for number, found in told.items() if found} == {}


def test_ordinary_ids_of_thirteen_digits_stay_as_they_are(tmp_path):
    draw = random.Random(5)
    ids = [str(draw.randrange(10**12, 10**13)) for _ in range(20_000)]
    records = (
        {
            "source": "pos", "store_id": "1", "transaction_id": one, "type": "sale",
            "currency": "GBP", "net": 1, "ended_at": MORNING.isoformat(), "order_id": one,
            "lines": [{"line": 1, "kind": "item", "sku": one, "serial": one, "quantity": 1,
                       "list_price": 1, "extended": 1}],
        }
        for one in ids
    )  # fmt: skip
    feed, chain = tmp_path / "feed.ndjson", tmp_path / "chain"
    feed.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert invoke("init", chain).exit_code == 0
    assert invoke("load", feed, "--workspace", chain).exit_code == 0
    (archived,) = chain.rglob("*-transactions.parquet")
    (lines,) = chain.rglob("*-lines.parquet")
    assert set(pl.read_parquet(archived)["transaction_id"]) == set(ids)
    kept = pl.read_parquet(lines)
    assert set(kept["sku"]) == set(kept["serial"]) == set(ids)
