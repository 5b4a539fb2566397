"""The gate's report in words and drawings."""

from datetime import date

import msgspec
import pytest
from lxml import etree

from shrinkwatch.console.gate import HEIGHT, WIDTH, charts, drawings, markdown
from shrinkwatch.models.gate.report import AtNumber, Bin, Check, GateReport, StoreRow

REPORT = GateReport(
    challenger="abc123",
    champion=None,
    verdict="refused",
    first=date(2026, 3, 2),
    last=date(2026, 4, 12),
    subjects=80,
    answers=40,
    positive=12,
    checks=(
        Check("volume", False, 0.5, 0.2, "60 alerts | the champion 40"),
        Check("random_labels", None, None, 0.02, "not tried"),
        Check("ranking", True, 0.08123456, -0.05, "average precision 0.7"),
    ),
    reliability={
        "champion": (Bin(0.2, 0.3, 0.1, 0.6, 20), Bin(0.8, 0.6, 0.4, 0.8, 20)),
        "challenger": (Bin(0.0, 0.0, 0.0, 0.2, 20), Bin(1.0, 1.0, 0.8, 1.0, 20)),
    },
    precision=(AtNumber(1, None, 1.0), AtNumber(50, 0.5, 0.8), AtNumber(100, 0.4, 0.6)),
    stores=(StoreRow("<S1>", 10, 20, 8, -0.1), StoreRow(None, 0, 0, 0, None)),
)


def parsed(svg: str) -> etree._Element:
    return etree.fromstring(svg.encode())


def classed(svg: str, name: str) -> list[etree._Element]:
    return parsed(svg).xpath(f"//*[@class='{name}']")  # type: ignore[no-any-return]


def test_every_check_is_a_line_with_its_mark_value_limit_and_sentence() -> None:
    lines = markdown(REPORT).splitlines()
    assert "| volume | **failed** | 0.5 | 0.2 | 60 alerts \\| the champion 40 |" in lines
    assert "| random labels | **unknown** | unknown | 0.02 | not tried |" in lines
    assert "| ranking | passed | 0.08123 | -0.05 | average precision 0.7 |" in lines
    assert lines[0] == "# Gate: abc123"


def test_the_verdict_says_what_happens_and_why() -> None:
    page = markdown(REPORT)
    assert "**refused**: The challenger is refused; the champion stays." in page
    assert "Failed: volume; unknown: random\\_labels." in page
    assert "no learned model: rules and peers alone" in page
    assert "40 answered alerts, of which 12 yes" in page


@pytest.mark.parametrize("verdict", ["passed", "refused", "unknown", "same"])
def test_every_verdict_has_its_words(verdict: str) -> None:
    told = msgspec.structs.replace(REPORT, verdict=verdict)
    assert f"**{verdict}**: T" in markdown(told)


def test_drawings_are_whole_svg_named_in_the_page() -> None:
    made = drawings(REPORT)
    assert set(made) == {"reliability.svg", "precision.svg", "stores.svg"}
    for name, svg in made.items():
        assert parsed(svg).tag == "{http://www.w3.org/2000/svg}svg"
        assert f"({name})" in markdown(REPORT)


def test_what_was_said_with_certainty_and_came_true_lies_in_the_corners() -> None:
    """By hand: the frame is 56..508 across and 276..40 down."""
    line = charts(REPORT)["reliability.svg"].lines[2]
    assert (line.whose, line.path) == ("challenger", "56.0,276.0 508.0,40.0")


def test_an_unknown_precision_is_left_out_and_not_drawn_as_none_right() -> None:
    champion, challenger = charts(REPORT)["precision.svg"].lines
    assert (len(champion.dots), len(challenger.dots)) == (2, 3)


def test_stores_are_bars_against_the_most_alerts_and_their_names_are_no_markup() -> None:
    svg = drawings(REPORT)["stores.svg"]
    heights = [float(bar.get("height")) for bar in classed(svg, "bar-challenger")]
    assert heights == [236.0, 0.0]
    assert [float(bar.get("height")) for bar in classed(svg, "bar-champion")] == [118.0, 0.0]
    assert "&lt;S1&gt;" in svg
    assert "<S1>" not in svg


def test_everything_lies_within_the_picture() -> None:
    for chart in charts(REPORT).values():
        for bar in (*chart.champion_bars, *chart.challenger_bars):
            assert bar.x >= 0
            assert bar.x + bar.width <= WIDTH
            assert bar.y + bar.height <= HEIGHT


def test_without_answers_only_the_stores_are_drawn() -> None:
    none = msgspec.structs.replace(
        REPORT, answers=0, positive=0, reliability={"champion": (), "challenger": ()}
    )
    assert set(drawings(none)) == {"stores.svg"}
