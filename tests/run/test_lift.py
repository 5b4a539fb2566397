"""The lift over a journal: refused where it would be a guess."""

from pathlib import Path

import pytest

from shrinkwatch.records.trouble import Refused
from shrinkwatch.rules.book import load_rules
from shrinkwatch.run.lift import lifts
from shrinkwatch.run.load import load
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.workspace import Workspace

INCIDENTS = """incident_id,source,store_id,transaction_id,scheme,actor_type,actor_id,loss,currency
1,pos,9,T1,post_void,operator,7,3.00,GBP
"""


@pytest.fixture
def chain(tmp_path: Path) -> Workspace:
    """A workspace whose incidents name a receipt that never arrived."""
    make_workspace(tmp_path / "chain")
    workspace = Workspace.open(tmp_path / "chain")
    (tmp_path / "incidents.csv").write_text(INCIDENTS)
    load([tmp_path / "incidents.csv"], workspace)
    return workspace


def test_incidents_of_another_feed_are_refused(chain: Workspace) -> None:
    with pytest.raises(Refused, match="load its feed first"):
        lifts(chain.journal, load_rules())


def test_a_sheet_that_is_none_is_refused(chain: Workspace, tmp_path: Path) -> None:
    with pytest.raises(Refused, match="lacks kind, subject_type, subject_id, from, to"):
        lifts(chain.journal, load_rules(), tmp_path / "incidents.csv")
