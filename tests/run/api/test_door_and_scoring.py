"""The door and live scoring, each a process of its own, on a file and on a server."""

import signal
import subprocess
import sys
import time

import pytest

from shrinkwatch.run.live.line import ScoringAt
from shrinkwatch.run.settings import FILE_NAME
from shrinkwatch.run.workspace import Workspace

from .test_killed import Till, normal, served, stored

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="they speak over a Unix socket")


@pytest.mark.parametrize("kept_on", ["file", "server"])
def test_a_till_that_waits_is_told_what_scoring_says(kept_on, folder, port, request):
    if kept_on == "server":
        address = request.getfixturevalue("postgres")
        (folder / FILE_NAME).write_text(f'[store]\ndatabase = "{address}"\n', "utf-8")
    till = Till(folder, port)
    words = [sys.executable, "-m", "shrinkwatch", "live", "--workspace", str(folder)]
    with served(*normal(folder, port)), subprocess.Popen(words, stderr=subprocess.DEVNULL) as live:
        line = ScoringAt(Workspace.open(folder).state / "live")
        until = time.monotonic() + 60
        while not line.is_on() and time.monotonic() < until:
            time.sleep(0.1)
        try:
            for sent in range(1, 25):  # the first may take much longer than a till waits
                told = till.post([sent], "/v1/transactions?wait=score")
                assert told["records"][0]["outcome"] == "accepted"
                if told["scores"][0] is not None:
                    break
            assert told["scores"][0]["position"] == told["records"][0]["position"]
            live.send_signal(signal.SIGTERM)
            assert live.wait(60) == 0
        finally:
            live.kill()
    assert stored(folder) == list(range(1, sent + 1))
