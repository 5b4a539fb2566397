from shrinkwatch.intake.refusal import KEPT_BYTES, refuse
from shrinkwatch.intake.token_key import TokenKey

KEY = TokenKey(bytes(32))
CARD = "4111111111111111"


def test_bytes_and_sentence_are_kept_without_card_numbers_and_the_hash_is_of_what_came() -> None:
    found = refuse("bad_row", f"{CARD} cannot be", CARD.encode(), KEY, file="f", place=3)
    assert (found.raw, found.sentence) == (b"[removed]", "[removed] cannot be")
    assert found.raw_key == KEY.fingerprint(CARD.encode())
    assert (found.file, found.place) == ("f", 3)


def test_long_bytes_are_cut_but_no_card_number_is_cut_in_two() -> None:
    raw = b"x" * (KEPT_BYTES - 5) + CARD.encode() + b"x" * 100
    found = refuse("too_long", "too long", raw, KEY, file="f", place=1)
    assert len(found.raw) == KEPT_BYTES
    assert b"4111" not in found.raw
    assert found.raw_key == KEY.fingerprint(raw)


def test_ends_that_left_no_bytes_are_told_apart_by_their_file_and_place() -> None:
    ends = [("a.gz", 7), ("b.gz", 7), ("a.gz", 8), ("a.gz", 7)]
    keys = [refuse("damaged_file", "", b"", KEY, file=f, place=at).raw_key for f, at in ends]
    assert len(set(keys)) == 3
