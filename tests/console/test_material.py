"""What a report is made of: alerts, each subject's together."""

import msgspec

from shrinkwatch.console.material import Report, by_subject


def test_alerts_of_one_subject_stay_together_in_order(report: Report) -> None:
    first, second, third = report.alerts
    later = msgspec.structs.replace(first, alert_id="f" * 20)
    assert by_subject([first, second, later, third]) == [[first, later], [second], [third]]
