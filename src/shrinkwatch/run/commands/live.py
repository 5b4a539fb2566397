"""`shrinkwatch live`: scores what arrives, as it arrives."""

from shrinkwatch.run.commands.options import HERE, Workspace


def live(workspace: Workspace = HERE) -> None:
    """Score what `shrinkwatch serve` and other feeds put into the journal, as it arrives.

    Each record is judged within a second; alerts go out when a UTC day is over, as with
    `shrinkwatch score`. It ends on Ctrl-C, and goes on where it stopped. Only one program scores a
    workspace at a time.

    **Examples**

    - `shrinkwatch live`
    - `shrinkwatch live --workspace /srv/chain`
    """
    import signal
    import threading

    from shrinkwatch.run.live.follow import follow
    from shrinkwatch.run.log_lines import log_to_stderr
    from shrinkwatch.run.opened import opened

    log_to_stderr(opened(workspace).workspace.key)
    ends = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda *_: ends.set())
    follow(workspace, ends)
