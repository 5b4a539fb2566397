"""The report: complete in itself, true to the alerts, and deaf to what a till may write."""

import re
from html.parser import HTMLParser

import msgspec

from shrinkwatch.cases.names import Names
from shrinkwatch.console.material import Report, Store
from shrinkwatch.console.report import render

FETCHING = {"script", "link", "img", "iframe", "object", "embed", "form", "base", "video", "audio"}


class Page(HTMLParser):
    """What is on a page: its tags with attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_nothing_on_the_page_is_fetched_or_run(report: Report) -> None:
    html = render(report)
    page = Page(html)
    assert {tag for tag, _ in page.tags} & FETCHING == set()
    assert [name for _, attrs in page.tags for name in attrs if name.startswith("on")] == []
    assert re.findall(r"url\(|@import|https?://", html) == []
    links = [attrs["href"] or "" for tag, attrs in page.tags if tag == "a"]
    assert [link for link in links if not link.startswith("#")] == []


def test_a_hostile_name_is_shown_as_text_and_not_obeyed(report: Report) -> None:
    html = render(report)
    assert "<script" not in html
    assert "<script>alert('till')</script>\"'&{{ 7*7 }}" in Page(html).text


def test_every_alert_says_who_what_when_where_how_much_and_why(report: Report) -> None:
    text = " ".join(Page(render(report)).text.split())
    who = report.names.of("operator", "104", "S07")
    assert f"{who} at Riverside" in text
    assert "Post-void of a finished sale" in text
    assert "2–22 Mar 2026" in text
    assert "£384" in text  # 0.93 × 412.50 = 383.6
    assert "7 of 31 finished cash sales" in text
    assert "peers typically 1.2 %; fewer than 1 in 10,000 honest peers" in text
    assert "Two of the seven were approved" in text
    assert "Shifts were never loaded." in text


def test_a_name_that_turns_the_writing_round_turns_nothing(report: Report) -> None:
    stores = {id_: Store("Ann\u202e\u2066exit", store.zone) for id_, store in report.stores.items()}
    html = render(msgspec.structs.replace(report, stores=stores))
    assert "Annexit" in html
    assert re.search("[\u202a-\u202e\u2066-\u2069]", html) is None


def test_it_says_that_a_lead_is_not_a_finding(report: Report) -> None:
    assert "a lead, not a finding" in Page(render(report)).text


def test_receipts_are_printed_with_the_suspicious_lines_marked(report: Report) -> None:
    html = render(report)
    assert html.count('class="row banner marked"') == 6  # of eleven post-voids the latest six
    assert "6 receipts, the latest of 11" in " ".join(Page(html).text.split())


def test_no_id_of_a_person_is_on_the_page_unless_settings_allow(report: Report) -> None:
    assert "operator 104" not in Page(render(report)).text
    open_ = msgspec.structs.replace(report, names=Names(b"a key", show_ids=True))
    assert "operator 104" in Page(render(open_)).text


def test_the_header_adds_up_the_money_by_hand(report: Report) -> None:
    text = " ".join(Page(render(report)).text.split())
    assert "£621" in text  # 383.625 + 0.71 × 260 + 0.55 × 96.4 = 621.2
    assert "2 of 20" in text


def test_a_subject_of_two_weeks_is_one_lead_and_counted_once(report: Report) -> None:
    first = report.alerts[0]
    later = msgspec.structs.replace(first, alert_id="ffffffffffffffffffff", expected_loss=400.0)
    page = Page(render(msgspec.structs.replace(report, alerts=(*report.alerts, later))))
    text = " ".join(page.text.split())
    assert "3 leads worth a look" in text
    assert "£621" in text
    assert "Also alerted on in other weeks, not counted again: 2–22 Mar 2026 (ffffff)." in text


def test_no_alerts_is_a_page_too(report: Report) -> None:
    empty = Page(render(msgspec.structs.replace(report, alerts=())))
    assert "Nothing worth a review" in empty.text
    assert "Price inquiry skim" in empty.text


def test_a_feed_is_shown_with_what_is_odd_and_what_it_hides(report: Report) -> None:
    text = " ".join(Page(render(report)).text.split())
    assert "pos: of 41 schemes 1 can be seen." in text
    assert "Ask for the cashier's number." in text
    assert "No rule hunts it yet, and the feed lacks a field. It would take: each price" in text
    assert "50 %" in text  # operators on 1,250 of 2,500 receipts
    assert "The load" in text


def test_weeks_are_drawn_and_not_written_out(report: Report) -> None:
    page = Page(render(report))
    drawn = [attrs for tag, attrs in page.tags if tag == "svg" and attrs.get("class") == "strip"]
    assert len(drawn) == 6  # five counts and one field
    assert (
        drawn[1]["aria-label"]
        == "receipt numbers that never came: 15 in 3 weeks, none in 1 of them"
    )
    assert "<svg" not in page.text


def test_a_feed_without_findings_says_what_was_looked_for(report: Report) -> None:
    (feed,) = report.feeds
    quiet = msgspec.structs.replace(feed, findings=(), weeks=(), fields=())
    text = Page(render(msgspec.structs.replace(report, feeds=(quiet,), loads=()))).text
    assert "Nothing: no silent days, missing numbers" in text
    assert "Week by week" not in text
    assert "The load" not in text


def test_without_any_feed_the_page_asks_for_one(report: Report) -> None:
    text = Page(render(msgspec.structs.replace(report, feeds=(), loads=()))).text
    assert "No transactions were read." in text


def test_the_page_is_outlined_for_a_screen_reader(report: Report) -> None:
    page = Page(render(report))
    assert [tag for tag, _ in page.tags].count("h1") == 1
    assert dict(page.tags)["html"] == {"lang": "en"}
    plots = [attrs for tag, attrs in page.tags if tag == "svg" and "aria-hidden" not in attrs]
    assert [attrs for attrs in plots if not attrs.get("aria-label")] == []
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_the_same_report_is_the_same_page(report: Report) -> None:
    assert render(report) == render(report)
