"""Till paper: forty columns, whatever is written on it."""

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from shrinkwatch.cases.paper import WIDTH, columns, cut, ends


@given(left=st.text(max_size=60), right=st.text(alphabet="0123456789.,-", max_size=60))
def test_a_line_always_fills_the_paper_exactly(left: str, right: str) -> None:
    assert columns(ends(left, right)) == WIDTH


@given(text=st.text(max_size=60), width=st.integers(1, 50))
def test_a_cut_text_fits(text: str, width: int) -> None:
    assert columns(cut(text, width)) <= width


def test_widths_agree_with_rich() -> None:
    for text in ("Milk", "牛乳 2L", "Crème brûlée", "Ｗｉｄｅ", "e\N{COMBINING ACUTE ACCENT}t"):
        assert columns(text) == cell_len(text)


def test_a_long_amount_keeps_its_place_and_the_name_gives_way() -> None:
    assert ends("A" * 60, "12,345.00") == "A" * 29 + "… 12,345.00"
