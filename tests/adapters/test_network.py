"""Nothing inside is ever connected to, and a bad server takes no more than its time."""

import ipaddress
import time
from collections.abc import Sequence

import pytest
from tests.adapters.targets import HOST, Target, drip_body, drip_head, hang

from shrinkwatch.adapters.network import MOST_ANSWERED, Network, is_public
from shrinkwatch.records.trouble import Refused, Unreachable

INSIDE = Network(frozenset({HOST}), deadline_s=0.5)

ADDRESSES = (
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255"),
    *("172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255", "169.254.169.254"),
    *("169.254.0.1", "169.254.170.2", "100.64.0.1", "100.100.100.200", "192.0.0.1", "192.0.2.1"),
    *("198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1"),
    *("255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1"),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1"),
    *("64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::", "2001:db8::1", "100::1"),
)

DISGUISES = (
    *("127.0.0.1", "127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1"),
    *("017700000001", "0", "0.0.0.0", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]"),
    *("[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]", "①②⑦.0.0.1", "127。0。0。1"),
)

NO_ADDRESSES = (
    *("ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "rtsp://example.com/"),
    *("//example.com/", "example.com", "https:///path", "https://", "", "https://exa mple.com/"),
    *("https://example.com/\r\nX-Injected: 1", "https://example.com:99999/", "https://a:b@c.com/"),
    *("https://example.com\t/", "dict://example.com:11211/", "https://[::1", "data:text/plain,x"),
)


@pytest.mark.parametrize("text", ADDRESSES)
def test_an_address_inside_is_not_public(text: str) -> None:
    assert not is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize(
    "text", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "64:ff9b::101:101", "::ffff:1.1.1.1"]
)
def test_an_address_of_the_public_network_is(text: str) -> None:
    assert is_public(ipaddress.ip_address(text))


@pytest.mark.parametrize("host", DISGUISES)
def test_no_disguise_of_this_machine_is_connected_to(target: Target, host: str) -> None:
    with pytest.raises((Refused, Unreachable)):
        Network(deadline_s=1).request("POST", f"https://{host}:{target.port}/", {})
    assert target.connections == 0


def test_a_connection_to_this_machine_would_have_been_seen(target: Target) -> None:
    with pytest.raises(Unreachable):
        INSIDE.request("POST", f"https://{HOST}:{target.port}/", {})
    assert target.connections == 1


@pytest.mark.parametrize("url", NO_ADDRESSES)
def test_what_is_no_address_of_the_web_is_refused(url: str) -> None:
    with pytest.raises(Refused):
        Network().request("POST", url, {})


def test_one_address_inside_among_public_ones_is_enough_to_refuse() -> None:
    network = Network(resolve=lambda _host, _port: ["1.1.1.1", "10.0.0.1"])
    with pytest.raises(Refused, match=r"messages\.allow_hosts"):
        network.addresses("example.com", 443)


def test_a_name_is_resolved_once_and_the_address_that_was_looked_at_is_used(
    target: Target,
) -> None:
    asked: list[str] = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        asked.append(host)
        return [HOST] if len(asked) == 1 else ["169.254.169.254"]

    network = Network(frozenset({"till.example"}), rebinding)
    answer = network.request("POST", f"http://till.example:{target.port}/a?b=c", {"X": "1"}, b"hi")
    assert (answer.status, answer.body, asked) == (200, b"{}", ["till.example"])
    (got,) = target.asked
    assert (got.path, got.body, got.headers["x"]) == ("/a?b=c", b"hi", "1")
    assert got.headers["host"] == f"till.example:{target.port}"


def test_a_redirect_is_not_followed(target: Target) -> None:
    target.answer = lambda asked: (302, {"Location": f"{target.address}/elsewhere"}, b"")
    with pytest.raises(Refused, match="points elsewhere"):
        INSIDE.request("POST", f"{target.address}/", {})
    assert [one.path for one in target.asked] == ["/"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503])
def test_an_answer_that_may_get_better_is_worth_another_try(target: Target, status: int) -> None:
    target.answer = lambda _: (status, {}, b"")
    with pytest.raises(Unreachable, match=str(status)):
        INSIDE.request("POST", target.address, {})


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_an_answer_that_says_no_is_final(target: Target, status: int) -> None:
    target.answer = lambda _: (status, {}, b"")
    with pytest.raises(Refused, match=str(status)):
        INSIDE.request("POST", target.address, {})


@pytest.mark.parametrize("slow", [hang, drip_head, drip_body])
def test_a_server_that_hangs_or_drips_takes_no_more_than_its_time(target: Target, slow) -> None:
    target.instead = slow
    began = time.monotonic()
    with pytest.raises(Unreachable, match="did not answer as it should"):
        INSIDE.request("POST", target.address, {})
    assert time.monotonic() - began < 3


def test_an_answer_without_end_is_left(target: Target) -> None:
    target.answer = lambda _: (200, {}, bytes(MOST_ANSWERED + 1))
    with pytest.raises(Unreachable, match="more than"):
        Network(frozenset({HOST})).request("POST", target.address, {})


def test_nobody_there_and_no_such_name_are_worth_another_try(target: Target) -> None:
    with pytest.raises(Unreachable):
        INSIDE.request("POST", f"http://{HOST}:1/", {})
    with pytest.raises(Unreachable, match="no address is known"):
        Network(resolve=lambda _host, _port: []).request("POST", "https://nobody.example/", {})


def test_a_public_host_is_spoken_to_by_https_only() -> None:
    network = Network(resolve=lambda _host, _port: ["1.1.1.1"])
    with pytest.raises(Refused, match="by https only"):
        network.request("POST", "http://example.com/", {})
