"""What every way out must do, and every new file inherits."""

from types import ModuleType

import pytest

from shrinkwatch.adapters.network import Network
from shrinkwatch.adapters.notifiers import every, notifier_of
from shrinkwatch.adapters.notifiers.apprise import ByApprise
from shrinkwatch.adapters.notifiers.webex import Webex
from shrinkwatch.adapters.notifiers.webhook import Webhook

ADDRESSES = {
    "webex": "webex://Room1?secret=hush#token-hush",
    "webhook": "https://hooks.example.com/in#hush",
    "apprise": "mailto://me:hush@example.com",
}


def name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


@pytest.mark.parametrize("module", list(every()), ids=name)
def test_it_makes_a_notifier_and_tells_no_secret(module: ModuleType) -> None:
    made = module.notifier(ADDRESSES[name(module)], Network())
    assert callable(made.send)
    assert "hush" not in repr(made)


def test_no_two_claim_the_same_addresses() -> None:
    claimed = [scheme for module in every() for scheme in module.SCHEMES]
    assert len(claimed) == len(set(claimed))


def test_an_address_finds_its_file_and_what_nobody_claims_goes_to_apprise() -> None:
    made = [type(notifier_of(url, Network())) for url in ADDRESSES.values()]
    assert made == [Webex, Webhook, ByApprise]
