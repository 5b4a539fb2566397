"""Sends a message by Apprise, which knows some hundred services: mail, chat, text message, pagers.

Each message is sent by a process of its own. That process ends when its time is over, looks at
every address before it connects, and follows no redirect, whatever the service's plug-in would do.
The library is in the extra `notify`.
"""

import logging
import socket
import subprocess
import sys
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any

import msgspec
from msgspec import Struct

from shrinkwatch.adapters.network import Network
from shrinkwatch.records.message import Message
from shrinkwatch.records.trouble import Misconfigured, Refused, Trouble, Unreachable

SCHEMES: frozenset[str] = frozenset()
"""None of its own: it takes what the others leave."""

_SENT, _NOT_SENT, _REFUSED = 0, 3, 4


class _Order(Struct, frozen=True):
    """What the process is told: the address, the message, and hosts that may be inside."""

    url: str
    title: str
    text: str
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByApprise:
    """`ports.Notifier` for an address that Apprise knows."""

    url: str = field(repr=False)
    network: Network

    def send(self, message: Message) -> None:
        """Return when the service has taken the message. Raises: Unreachable, Refused."""
        order = _Order(self.url, message.title, message.text, tuple(self.network.allow))
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", __name__],
                input=msgspec.json.encode(order),
                capture_output=True,
                timeout=self.network.deadline_s,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            late = f"no whole answer in {self.network.deadline_s:g} s"
            raise Unreachable(f"{self._service} did not answer: {late}") from error
        said = done.stdout.decode(errors="replace").strip()
        if done.returncode == _REFUSED:
            raise Refused(said)
        if done.returncode != _SENT:
            raise Unreachable(said or f"{self._service} did not take the message")

    @property
    def _service(self) -> str:
        return self.url.partition("://")[0]


def notifier(url: str, network: Network) -> ByApprise:
    """Return what sends to this address.

    Raises: Misconfigured where Apprise is not installed.
    """
    if find_spec("apprise") is None:
        raise Misconfigured(
            f"{url.partition('://')[0]}:// addresses need Apprise: "
            "pip install 'shrinkwatch[notify]'"
        )
    return ByApprise(url, network)


def _send(order: _Order) -> int:
    """Send it, and return the process's exit code; what went wrong is printed."""
    import apprise

    service = order.url.partition("://")[0]
    met: list[Trouble] = []
    _look_before_connecting(Network(frozenset(order.allow)), met)
    asset = apprise.AppriseAsset(http_redirects=False, async_mode=False)
    target = apprise.Apprise(asset=asset)
    if not target.add(order.url):
        print(f"{service}:// is no address that Apprise understands as it is written")
        return _REFUSED
    with apprise.LogCapture(level=logging.WARNING) as log:  # type: ignore[no-untyped-call]
        sent = target.notify(body=order.text, title=order.title)
        if sent:
            return _SENT
        print(met[0] if met else f"{service} did not take the message{_status(log.getvalue())}")
    return _REFUSED if met and isinstance(met[0], Refused) else _NOT_SENT


def _look_before_connecting(network: Network, met: list[Trouble]) -> None:
    """Have every name that this process resolves looked at; what is inside has no address."""
    resolve = socket.getaddrinfo

    def looked_at(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        found = resolve(host, port, *rest, **more)
        texts = [str(where[0]).partition("%")[0] for *_, where in found]
        try:
            Network(network.allow, lambda _host, _port: texts).addresses(str(host), 0)
        except Trouble as trouble:
            met.append(trouble)
            raise socket.gaierror(str(trouble)) from trouble
        return found

    socket.getaddrinfo = looked_at


def _status(log: str) -> str:
    """Return the status that Apprise logged; the rest of its words may hold the address."""
    number = log.rpartition("error=")[2][:3] if "error=" in log else ""
    return f": it answered {number}" if number.isdecimal() else ""


if __name__ == "__main__":
    sys.exit(_send(msgspec.json.decode(sys.stdin.buffer.read(), type=_Order)))
