"""A feed in words and drawings, its numbers by hand."""

from shrinkwatch.console.feeds import feed_view
from shrinkwatch.console.material import Report


def test_what_can_be_seen_stands_first(report: Report) -> None:
    view = feed_view(report.feeds[0])
    assert [(sight.seen, sight.hunted) for sight in view.sights] == [
        ("yes", "post_void_rate"),
        ("no", "no rule"),
    ]
    assert view.sights[1].why.endswith("It would take: each price inquiry.")


def test_each_row_is_summed_and_spoken(report: Report) -> None:
    view = feed_view(report.feeds[0])
    said = {row.name: (row.total, row.spoken) for row in view.counts}
    assert said["receipt numbers that never came"] == (
        "15",
        "receipt numbers that never came: 15 in 3 weeks, none in 1 of them",
    )
    (operators,) = view.fields
    assert operators.total == "50\N{NO-BREAK SPACE}%"  # 1,250 of 2,500
    assert operators.wanted
    assert [row.name for row in view.counts if row.wanted] == ["receipts"]
    assert view.weeks == "weeks of 2–16 Mar 2026"


def test_a_week_without_is_marked_and_the_others_stand_in_proportion(report: Report) -> None:
    strip = feed_view(report.feeds[0]).fields[0].strip
    full, half = strip.bars
    assert (full.height, half.height) == (20, 10)  # of 24 pixels 4 are margin
    assert len(strip.none) == 1
    assert full.x < half.x < strip.none[0]
