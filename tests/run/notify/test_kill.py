"""A courier that is killed while a target has its message: the next sends the same, told apart."""

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from msgspec.structs import replace
from tests.adapters.targets import HOST, hang, serving
from tests.scoring.test_conflicts import ALERT

from shrinkwatch.adapters.stores.outbox import StoredOutbox
from shrinkwatch.run import settings
from shrinkwatch.run.new_workspace import make_workspace
from shrinkwatch.run.notify.routes import router
from shrinkwatch.run.opened import opened

CHANNEL = '[[notify]]\nname = "{0}"\nurl_file = "keys/{0}.url"\n\n'


def test_kill_9_between_sending_and_writing_it_down(tmp_path: Path) -> None:
    with serving() as slow, serving() as quick:
        slow.instead = hang
        make_workspace(tmp_path)
        (tmp_path / "keys").mkdir()
        for name, target in (("slow", slow), ("quick", quick)):
            url = tmp_path / "keys" / f"{name}.url"
            url.write_text(f"{target.address}/in#secret")
            url.chmod(0o600)
        text = settings.template().replace(
            "[messages]\n", f'[messages]\nallow_hosts = ["{HOST}"]\n'
        )
        channels = CHANNEL.format("slow") + CHANNEL.format("quick")
        (tmp_path / settings.FILE_NAME).write_text(f"{text}\n{channels}", "utf-8")
        workspace = opened(tmp_path).workspace
        fresh = replace(ALERT, opened_at=datetime.now(UTC))
        workspace.alerts.replace([fresh], (router(workspace),))
        box = StoredOutbox(workspace.database)

        command = [sys.executable, "-m", "shrinkwatch", "notify", "--once", "-w", str(tmp_path)]
        courier = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while not (slow.asked and states(box)["quick"] == "sent") and time.monotonic() < until:
            time.sleep(0.05)
        courier.kill()
        courier.wait()
        assert states(box) == {"quick": "sent", "slow": "waiting"}

        slow.instead = None
        with workspace.database.write() as connection:  # as if the five minutes were over
            connection.execute(sa.text("UPDATE outbox SET next_us = 0 WHERE state = 'waiting'"))
        subprocess.run(command, check=True, capture_output=True)
        assert states(box) == {"quick": "sent", "slow": "sent"}
        assert len(quick.asked) == 1
        first, again = (one.headers["webhook-id"] for one in slow.asked)
        assert first == again == f"slow/{ALERT.alert_id}"


def states(box: StoredOutbox) -> dict[str, str]:
    return {one.channel: one.state for one in box.rows()}
