"""The processes that read: gone with the one that started them, and missed when one is gone."""

import json
import multiprocessing
import subprocess
import sys
import textwrap

import pytest

from shrinkwatch.intake.block import Block
from shrinkwatch.intake.token_key import TokenKey
from shrinkwatch.journal.places import Places
from shrinkwatch.run import readers as reading
from shrinkwatch.run.readers import ReaderLost, plain_size, readers

RECORD = {
    "source": "till",
    "store_id": "7",
    "type": "no_sale",
    "currency": "EUR",
    "ended_at": "2026-03-02T09:00:00Z",
}


def blocks(count):
    for number in range(count):
        line = json.dumps(RECORD | {"transaction_id": str(number)}).encode()
        yield Block(line, "a.ndjson", place=number + 1)


def test_a_packed_file_counts_for_what_it_holds(tmp_path):
    plain, packed = tmp_path / "plain", tmp_path / "packed"
    plain.write_bytes(b"{}" * 50)
    packed.write_bytes(b"\x1f\x8b" + bytes(98))
    assert (plain_size(plain), plain_size(packed)) == (100, 1000)


def test_a_reader_that_is_ended_from_outside_is_missed(monkeypatch):
    monkeypatch.setattr(reading, "SMALL_BYTES", 0)
    with pytest.raises(ReaderLost, match="load the same files again"):
        kill_while_reading()


def kill_while_reading():
    with readers([], TokenKey(bytes(32)), Places()) as read:
        for found, _ in read(blocks(50)):
            assert len(found.packed.index) == 1
            for worker in multiprocessing.active_children():
                worker.kill()


KILLED = """
    import multiprocessing, sys
    from shrinkwatch.intake.block import Block
    from shrinkwatch.intake.token_key import TokenKey
    from shrinkwatch.journal.places import Places
    from shrinkwatch.run import readers

    if __name__ == "__main__":
        readers.SMALL_BYTES = 0
        with readers.readers([], TokenKey(bytes(32)), Places()) as read:
            for _ in read(Block(b"{}", "a.ndjson") for _ in range(100)):
                print(len(multiprocessing.active_children()), flush=True)
                sys.stdin.read()
"""


def test_readers_end_when_the_one_who_started_them_is_killed(tmp_path):
    script = tmp_path / "killed.py"
    script.write_text(textwrap.dedent(KILLED))
    started = subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert started.stdout.readline() == b"2\n"
    started.kill()
    # the readers hold the other end of its output: there is an end of it only when they are gone
    assert started.communicate(timeout=30) == (b"", None)
