"""Opens connections to addresses that a person wrote down, and to nowhere inside by mistake.

A host's name is resolved once, every address that it has must be public, and the connection goes to
an address that was looked at. No redirect is followed, an answer has a limit of time and of size.
"""

import http.client
import ipaddress
import os
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import Protocol
from urllib.parse import SplitResult, urlsplit

from shrinkwatch.records.trouble import Refused, Unreachable

DEADLINE_S = 20.0
"""For the whole of a request: connecting, sending, and every byte of the answer."""

MOST_ANSWERED = 256 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PORTS = {"http": 80, "https": 443}
_PASSING = frozenset({408, 425, 429})

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Resolve(Protocol):
    """Says which addresses a host has; raises OSError when it has none."""

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the addresses as text."""
        ...


def looked_up(host: str, port: int) -> Sequence[str]:
    """Return the addresses that the system knows for this host."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]).partition("%")[0] for *_, where in found]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Network:
    """Where connections may go. allow: hosts that may be inside one's own network, by name."""

    allow: frozenset[str] = frozenset()
    resolve: Resolve = looked_up
    deadline_s: float = DEADLINE_S

    def addresses(self, host: str, port: int) -> list[str]:
        """Return the addresses of this host, every one of which may be connected to.

        Raises: Refused when one of them is inside; Unreachable when there is none.
        """
        try:
            found = [ipaddress.ip_address(text) for text in self.resolve(host, port)]
        except (OSError, UnicodeError) as error:
            raise Unreachable(f"no address is known of {host}; is the name right?") from error
        if not found:
            raise Unreachable(f"no address is known of {host}; is the name right?")
        if host.casefold() not in self.allow and not all(map(is_public, found)):
            raise Refused(
                f"{host} is not a public address; where messages are meant to go inside, name the "
                "host in the settings, messages.allow_hosts"
            )
        return [str(one) for one in found]

    def request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Return the answer, whose status is 2xx.

        Raises: Refused for an address where nothing may go, a redirect, and an answer that says no;
        Unreachable when the answer is late, too long, lacking, or asks to come again.
        """
        parts = _understood(url)
        if parts.scheme == "http" and str(parts.hostname).casefold() not in self.allow:
            raise Refused(
                "messages go by https only; only hosts in messages.allow_hosts may do without"
            )
        host, port = str(parts.hostname), parts.port or _PORTS[parts.scheme]
        address = self.addresses(host, port)[0]
        try:
            answer = self._exchange(address, port, parts, method, headers, body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            said = type(error).__name__ if not str(error) else str(error)
            raise Unreachable(f"{host} did not answer as it should: {said}") from error
        return _accepted(host, answer)

    def _exchange(
        self,
        address: str,
        port: int,
        parts: SplitResult,
        method: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> Answer:
        ends = monotonic() + self.deadline_s
        plain = socket.create_connection((address, port), timeout=self.deadline_s)
        with plain, _ended_by(plain, ends) as late:
            try:
                answer = _asked(plain, port, parts, method, headers, body)
            except (OSError, http.client.HTTPException, ValueError) as error:
                if late.is_set():
                    raise TimeoutError(f"no whole answer in {self.deadline_s:g} s") from error
                raise
            if late.is_set():  # what was read until the end looks like the whole, and is not
                raise TimeoutError(f"no whole answer in {self.deadline_s:g} s")
        return answer


def _asked(
    plain: socket.socket,
    port: int,
    parts: SplitResult,
    method: str,
    headers: Mapping[str, str],
    body: bytes,
) -> Answer:
    connection = http.client.HTTPConnection(str(parts.hostname), port)
    connection.sock = _secured(plain, parts)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, path, body, {**headers, "Connection": "close"})
        response = connection.getresponse()
        raw = response.read(MOST_ANSWERED + 1)
    finally:
        connection.close()
    if len(raw) > MOST_ANSWERED:
        raise ValueError(f"more than {MOST_ANSWERED:,} bytes")
    return Answer(response.status, raw)


def is_public(address: Address) -> bool:
    """Tell whether this is an address of the public network, also when it is wrapped in another.

    >>> is_public(ipaddress.ip_address("::ffff:169.254.169.254"))
    False
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _understood(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        known = parts.scheme in _PORTS and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        known = False
    if not known or any(ord(sign) <= 32 or ord(sign) == 127 for sign in url):
        raise Refused("a message's address is none of the web; write https://HOST/…")
    if parts.username is not None or parts.password is not None:
        raise Refused("an address of the web with a name or password in it is not used")
    return parts


def _secured(plain: socket.socket, parts: SplitResult) -> socket.socket:
    if parts.scheme == "http":
        return plain
    return ssl.create_default_context().wrap_socket(plain, server_hostname=parts.hostname)


@contextmanager
def _ended_by(plain: socket.socket, ends: float) -> Iterator[threading.Event]:
    """End the connection at that time, however much still drips; the event says that it was."""
    late = threading.Event()
    line = socket.socket(fileno=os.dup(plain.fileno()))

    def end() -> None:
        late.set()
        line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(max(0.0, ends - monotonic()), end)
    timer.daemon = True
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()
        timer.join()
        line.close()


def _accepted(host: str, answer: Answer) -> Answer:
    status = answer.status
    if 200 <= status < 300:
        return answer
    if 300 <= status < 400:
        raise Refused(f"{host} points elsewhere ({status}); write the address that it means")
    if status >= 500 or status in _PASSING:
        raise Unreachable(f"{host} answered {status}")
    raise Refused(f"{host} answered {status}: it takes no such message; look at the address")
