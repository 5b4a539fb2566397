"""The guide to sending live, followed as it is written, on a free port."""

import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "live.md"
PORT = "8470"


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", GUIDE.read_text("utf-8"), flags=re.DOTALL)


@pytest.fixture
def port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture
def shell(tmp_path: Path, port: str) -> Iterator["Shell"]:
    opened = Shell(tmp_path, port)
    yield opened
    opened.close()


class Shell:
    """Runs blocks of the guide; what they start in the background ends with the test."""

    def __init__(self, folder: Path, port: str) -> None:
        self.folder = folder
        self.port = port
        here = folder / "bin"
        here.mkdir()
        tool = here / "shrinkwatch"
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m shrinkwatch "$@"\n')
        tool.chmod(0o755)
        self.environment = os.environ | {"PATH": f"{here}{os.pathsep}{os.environ['PATH']}"}
        self.process: subprocess.Popen[bytes] | None = None

    def run(self, block: str) -> str:
        said = block.replace(PORT, self.port)
        return self._run(["bash", "-euo", "pipefail", "-c", said])

    def python(self, block: str) -> str:
        return self._run([sys.executable, "-c", block.replace(PORT, self.port)])

    def _run(self, words: list[str]) -> str:
        done = subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def serve(self, command: str) -> None:
        words = [*command.removesuffix("&").split(), "--port", self.port]
        self.process = subprocess.Popen(
            words, cwd=self.folder, env=self.environment, stderr=subprocess.DEVNULL
        )
        for _ in range(300):
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/readyz") as ready:
                    assert ready.read() == b"ready\n"
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def close(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)


def test_the_guide_works_as_it_is_written(shell):
    _, make, send, people = blocks("sh")
    *prepare, serve = make.strip().splitlines()
    shell.run("\n".join(prepare))
    shell.folder = shell.folder / "chain"
    assert serve == "shrinkwatch serve &"
    shell.serve(serve)
    told = json.loads(shell.run(send))
    shown = json.loads(blocks("json")[0])
    assert told == shown
    (program,) = blocks("python")
    assert json.loads(shell.python(program))["duplicate"] == 1
    assert "may log in" in shell.run(people)
    with pytest.raises(HTTPError) as refused:
        urlopen(f"http://127.0.0.1:{shell.port}/v1/alerts")
    assert refused.value.code == 401
