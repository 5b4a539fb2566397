"""`shrinkwatch serve`: the door for tills, feeds and people."""

import os
from pathlib import Path
from typing import Annotated

import typer

from shrinkwatch.run.commands.options import HERE, Workspace


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen on.")] = 8470,
    certificate: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A TLS certificate (PEM).", exists=True, dir_okay=False),
    ] = None,
    certificate_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Its key (PEM).", exists=True)
    ] = None,
    workspace: Workspace = HERE,
) -> None:
    """Take records over HTTP as they happen, and show the leads to people who log in.

    Terminals and feeds need a key (`shrinkwatch keys`), people an account (`shrinkwatch users`).
    What is answered with 202 is on disk. It ends on Ctrl-C. Without a certificate, let it listen
    on this machine only and put a proxy with TLS before it.

    **Examples**

    - `shrinkwatch serve`
    - `shrinkwatch serve --host 0.0.0.0 --certificate shop.pem --certificate-key shop.key`
    """
    from shrinkwatch.records.trouble import Misconfigured, Refused

    if (certificate is None) != (certificate_key is None):
        raise typer.BadParameter("--certificate and --certificate-key go together")
    # groups are small: more threads for columns only keep each other waiting
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    try:
        from shrinkwatch.run.serve import serve as run
    except ImportError as error:
        raise Misconfigured(
            f"the server needs {error.name}, which is not installed: "
            "pip install 'shrinkwatch[serve]'"
        ) from error
    try:
        run(workspace, host, port, certificate=certificate, certificate_key=certificate_key)
    except OSError as error:
        if error.filename is not None:
            raise
        raise Refused(f"cannot listen on {host} port {port}: {error.strerror or error}") from error
