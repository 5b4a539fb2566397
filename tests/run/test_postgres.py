"""A workspace whose journal is on a PostgreSQL server says what one with a file says."""

from tests.run.conftest import TABLES, invoke

from shrinkwatch.run.workspace import JOURNAL_FILE, Workspace

EAGER = "[alerts]\nreview_cost = 0.0\nprobability_floor = 0.02\n"


def scored(folder, feed, settings):
    assert invoke("init", folder).exit_code == 0
    (folder / "shrinkwatch.toml").write_text(settings)
    tables = [feed / f"{name}.csv" for name in TABLES]
    loaded = invoke("load", feed / "transactions.ndjson.zst", *tables, "--workspace", folder)
    assert loaded.exit_code == 0, loaded.output
    assert invoke("score", "--workspace", folder).exit_code == 0
    return Workspace.open(folder)


def test_a_server_keeps_what_a_file_keeps(postgres, feed, tmp_path):
    on_file = scored(tmp_path / "file", feed, EAGER)
    on_server = scored(tmp_path / "server", feed, f'{EAGER}[store]\ndatabase = "{postgres}"\n')
    assert not (tmp_path / "server" / JOURNAL_FILE).exists()
    assert on_server.alerts.all() == on_file.alerts.all() != []
    days = on_file.journal.days()
    assert on_server.journal.fingerprint(days[-1], ()) == on_file.journal.fingerprint(days[-1], ())
    on_server.close()
    on_file.close()


def test_a_server_that_does_not_answer_is_named_without_its_password(tmp_path):
    assert invoke("init", tmp_path).exit_code == 0
    address = "postgresql://me:hidden@127.0.0.1:1/none"
    (tmp_path / "shrinkwatch.toml").write_text(f'[store]\ndatabase = "{address}"\n')
    told = invoke("alerts", "--workspace", tmp_path)
    assert told.exit_code != 0
    assert "see that the server runs" in told.output
    assert "hidden" not in told.output


def test_an_address_of_something_else_is_refused(tmp_path):
    assert invoke("init", tmp_path).exit_code == 0
    (tmp_path / "shrinkwatch.toml").write_text('[store]\ndatabase = "mysql://me@host/x"\n')
    told = invoke("alerts", "--workspace", tmp_path)
    assert told.exit_code != 0
    assert "write postgresql://user@host/name" in told.output
