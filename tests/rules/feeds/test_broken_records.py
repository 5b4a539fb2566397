from datetime import date

import pytest

from shrinkwatch.records.finding import SENTENCES, Finding
from shrinkwatch.rules.feeds.broken_records import count_broken, find_broken


@pytest.mark.parametrize("kind", list(Finding))
def test_every_broken_identity_has_its_sentence(kind, heads):
    rows = heads({"findings": kind.value}, {"findings": 0}, {"findings": kind.value})
    (found,) = find_broken("pos", count_broken(rows), 3, 1)
    assert found.count == 2
    assert SENTENCES[kind] in found.says


def test_two_findings_on_one_receipt_are_both_counted_with_place_and_time(heads):
    both = Finding.NET_SUM | Finding.SIGN
    rows = heads(
        {"findings": both.value},
        {"findings": Finding.SIGN.value, "store_id": "S2", "business_date": date(2026, 3, 4)},
        *[{"findings": 0}] * 198,
    )
    net, sign = find_broken("pos", count_broken(rows), 200, 2)
    assert (net.count, net.level, sign.count, sign.level) == (1, "note", 2, "note")
    assert net.says == (
        "pos: in 1 receipt net is not the sum of its lines and price changes, at S1 on 2026-03-02"
    )
    assert sign.says.endswith("at all 2 stores from 2026-03-02 to 2026-03-04")


def test_more_than_one_in_a_hundred_is_wrong(heads):
    rows = heads({"findings": 1}, {"findings": 1})
    assert [one.level for one in find_broken("pos", count_broken(rows), 199, 1)] == ["wrong"]
    assert list(find_broken("pos", count_broken(heads({})), 1, 1)) == []
