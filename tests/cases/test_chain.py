"""The chain: a row that is changed, gone, added or moved is found and named."""

import hashlib

from msgspec.structs import replace

from shrinkwatch.cases.chain import START, ChainSeal, Row, hash_of, verify
from shrinkwatch.intake.token_key import TokenKey

SEAL = ChainSeal.of(TokenKey(bytes(range(32))))
OTHER = ChainSeal.of(TokenKey(bytes(32)))


def chain(length: int = 5) -> list[Row]:
    rows: list[Row] = []
    before = START
    for number in range(1, length + 1):
        bare = Row(number=number, at_us=number, who="key 7", what="login", about="", detail="{}")
        rows.append(SEAL.link(bare, before))
        before = rows[-1].hash
    return rows


def anchors(rows: list[Row]) -> list[str]:
    return [SEAL.anchor(row.number, row.hash).line for row in rows]


def test_a_hash_is_sha256_of_the_written_out_row_and_the_hash_before() -> None:
    row = Row(number=1, at_us=1, who="key 7", what="login", about="till", detail="{}")
    by_hand = f'[1,1,"key 7","login","till","{{}}","{START}"]'
    assert hash_of(row, START) == hashlib.sha256(by_hand.encode()).hexdigest()


def test_what_was_written_is_whole() -> None:
    rows = chain()
    found = verify(rows, anchors(rows), SEAL)
    assert (found.rows, found.anchored, found.bad_row, found.says) == (5, 5, None, "")
    assert verify([], [], SEAL).says == ""


def test_a_row_behind_the_last_anchor_is_whole_and_not_vouched_for() -> None:
    rows = chain()
    found = verify(rows, anchors(rows[:3]), SEAL)
    assert (found.rows, found.anchored, found.says) == (5, 3, "")


def test_a_changed_row_is_named() -> None:
    rows = chain()
    lied = [*rows[:2], replace(rows[2], about="another"), *rows[3:]]
    assert verify(lied, [], SEAL).bad_row == 3


def test_rows_hashed_anew_by_somebody_without_the_key_are_named() -> None:
    rows = chain()
    hashed: list[Row] = rows[:2]
    for row in [replace(rows[2], about="another"), *rows[3:]]:
        hashed.append(replace(row, hash=hash_of(row, hashed[-1].hash)))
    found = verify(hashed, [], SEAL)
    assert (found.bad_row, found.says) == (3, "its seal is not this workspace's")


def test_rows_hashed_and_sealed_anew_are_named_by_the_anchors() -> None:
    rows = chain()
    forged = rows[:2]
    for row in [replace(rows[2], about="another"), *rows[3:]]:
        forged.append(SEAL.link(row, forged[-1].hash))
    assert verify(forged, [], SEAL).says == ""
    found = verify(forged, anchors(rows), SEAL)
    assert (found.bad_row, found.says) == (3, "an anchor vouches for another row in its place")


def test_a_missing_and_a_moved_row_are_named() -> None:
    rows = chain()
    assert verify([*rows[:2], *rows[3:]], [], SEAL).bad_row == 3
    renumbered = [*rows[:2], *(replace(row, number=row.number - 1) for row in rows[3:])]
    assert verify(renumbered, [], SEAL).bad_row == 3
    swapped = [*rows[:1], replace(rows[2], number=2), replace(rows[1], number=3), *rows[3:]]
    assert verify(swapped, [], SEAL).bad_row == 2


def test_a_cut_log_is_named_by_the_first_row_that_an_anchor_knows() -> None:
    rows = chain()
    found = verify(rows[:3], anchors(rows), SEAL)
    assert (found.bad_row, found.rows, found.anchored) == (4, 3, 3)


def test_a_line_that_is_no_anchor_of_ours_is_told() -> None:
    rows = chain()
    foreign = OTHER.anchor(5, rows[-1].hash).line
    found = verify(rows, [*anchors(rows), "", foreign, "5 torn"], SEAL)
    assert (found.bad_row, found.says) == (None, "anchor line 7 is not ours")


def test_a_person_is_a_pseudonym_that_differs_between_workspaces() -> None:
    assert SEAL.pseudonym("Kim") == SEAL.pseudonym("kim ")
    assert SEAL.pseudonym("kim") != SEAL.pseudonym("lee")
    assert SEAL.pseudonym("kim") != OTHER.pseudonym("kim")
    assert "kim" not in SEAL.pseudonym("kim")
