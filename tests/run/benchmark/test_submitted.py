"""Another system's alerts are read as they were written, or refused by row and column."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shrinkwatch.records.trouble import Refused
from shrinkwatch.run.benchmark.answers import Answers
from shrinkwatch.run.benchmark.judging import Raised
from shrinkwatch.run.benchmark.submitted import COLUMNS, read_alerts, write_alerts

from .one_store import answers, at, key

CHAINS: dict[str, Answers] = {"1": answers(), "2": answers()}
GOOD = {
    "configuration": "1",
    "alert_id": "a",
    "subject_type": "operator",
    "subject_id": "7",
    "store_id": "S1",
    "updated_at": "2026-03-08T18:00:00Z",
    "source": "till",
    "register_id": "1",
    "business_date": "2026-03-02",
    "sequence": "12",
}


def table(folder: Path, *rows: dict[str, str]) -> Path:
    """Write rows that differ from a good one in what they name."""
    whole = [GOOD | row for row in rows]
    columns = list(dict.fromkeys(name for row in whole for name in row))
    lines = [",".join(row.get(name, "") for name in columns) for row in whole]
    path = folder / "theirs.csv"
    path.write_text("\n".join([",".join(columns), *lines]) + "\n")
    return path


def test_rows_of_one_alert_become_one_with_their_transactions(tmp_path: Path) -> None:
    rows = [{"sequence": "12"}, {"sequence": "13"}, {"sequence": "12"}, {"alert_id": "b"}]
    found = read_alerts(table(tmp_path, *rows), CHAINS)
    first, second = found["1"]
    assert first == Raised(
        id="a",
        actor=("operator", "7", "S1"),
        store="S1",
        keys=(key(12), key(13)),
        updated_at=datetime(2026, 3, 8, 18, tzinfo=UTC),
    )
    assert (second.id, second.keys) == ("b", (key(12),))
    assert set(found) == {"1"}


def test_a_card_belongs_to_no_store_but_its_transactions_do(tmp_path: Path) -> None:
    card = {"subject_type": "card", "subject_id": "tok_1", "store_id": ""}
    rows = [card | {"transaction_store_id": "S1"}, card | {"transaction_store_id": "S2"}]
    (one,) = read_alerts(table(tmp_path, *rows), CHAINS)["1"]
    assert (one.actor, one.keys) == (("card", "tok_1", ""), (key(12), key(12, store="S2")))


@pytest.mark.parametrize(
    ("row", "column", "why"),
    [
        ({"configuration": "3"}, "configuration", "no '3' in this suite"),
        ({"alert_id": ""}, "alert_id", "is empty"),
        ({"subject_type": "cashier"}, "subject_type", "cannot be 'cashier'"),
        ({"subject_id": "70"}, "subject_id", "store S1 has no operator '70'"),
        ({"subject_type": "register"}, "subject_id", "store S1 has no register '7'"),
        ({"store_id": ""}, "store_id", "belongs to a store"),
        ({"updated_at": "yesterday"}, "updated_at", "write it like"),
        ({"updated_at": "2026-03-08T18:00:00"}, "updated_at", "has no offset"),
        ({"source": "pos"}, "source", "the feed's is 'till'"),
        ({"register_id": "01"}, "register_id", "store S1 has no register '01'"),
        ({"business_date": "2.3.2026"}, "business_date", "write it like"),
        ({"sequence": "12.0"}, "sequence", "it is a whole number"),
        ({"subject_id": "8"}, "subject_id", "is not what rows above say of alert a"),
        ({"updated_at": "2026-03-09T18:00:00Z"}, "updated_at", "is not what rows above say"),
        (
            {"subject_type": "card", "alert_id": "b", "store_id": ""},
            "transaction_store_id",
            "is empty, and so is store_id",
        ),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(
    tmp_path: Path, row: dict[str, str], column: str, why: str
) -> None:
    with pytest.raises(Refused) as refused:
        read_alerts(table(tmp_path, {}, row), CHAINS)
    assert str(refused.value).startswith(f"theirs.csv, row 2, {column}: ")
    assert why in str(refused.value)


def test_a_row_of_too_many_cells_is_refused(tmp_path: Path) -> None:
    path = table(tmp_path, {})
    path.write_text(path.read_text() + "1,a,operator,7,S1,2026-03-08T18:00:00Z,till,1,x,y,z,w\n")
    with pytest.raises(Refused, match="row 2"):
        read_alerts(path, CHAINS)


def test_a_table_that_is_none_of_alerts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text("alert,who\n1,7\n")
    with pytest.raises(Refused, match="it lacks configuration, alert_id, subject_type"):
        read_alerts(path, CHAINS)


def test_a_header_alone_raises_no_alert(tmp_path: Path) -> None:
    path = tmp_path / "theirs.csv"
    path.write_text(",".join(COLUMNS) + "\n")
    assert read_alerts(path, CHAINS) == {}


@st.composite
def alerts(draw: st.DrawFn) -> list[Raised]:
    """Draw alerts on operators of S1, and on cards and loyalty ids seen in two stores."""
    made = []
    for number in range(draw(st.integers(0, 4))):
        operator = draw(st.booleans())
        kind = "operator" if operator else draw(st.sampled_from(["card", "loyalty"]))
        name = draw(st.sampled_from("789")) if operator else draw(st.sampled_from(['a"b', "c,d"]))
        stores = st.just("S1") if operator else st.sampled_from(["S1", "S2"])
        keys = draw(
            st.lists(
                st.builds(key, st.integers(1, 9), st.integers(0, 13), stores),
                min_size=1,
                unique=True,
            )
        )
        made.append(
            Raised(
                id=f"alert {number}",
                actor=(kind, name, "S1" if operator else ""),
                store="S1" if operator else keys[-1][1],
                keys=tuple(keys),
                updated_at=at(draw(st.integers(0, 20))),
                scheme=draw(st.sampled_from([None, "post_void"])),
            )
        )
    return made


@given(first=alerts(), second=alerts())
def test_what_is_written_is_read_again(
    tmp_path_factory: pytest.TempPathFactory, first: list[Raised], second: list[Raised]
) -> None:
    path = tmp_path_factory.mktemp("law") / "theirs.csv"
    write_alerts({"1": first, "2": second}, path)
    raised = {name: tuple(each) for name, each in (("1", first), ("2", second)) if each}
    assert read_alerts(path, CHAINS) == raised
