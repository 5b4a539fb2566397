"""What a chain may set for itself, with a sensible answer for everything it does not.

Settings live in `shrinkwatch.toml` at the top of the workspace. Nothing else in the package reads
settings, and an unknown name is an error that names the nearest known one.
"""

import getpass
import re
import tomllib
from datetime import date
from difflib import get_close_matches
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta, Struct, field

from shrinkwatch.records.access import Role
from shrinkwatch.records.labeller import Labeller
from shrinkwatch.records.mute import Mute
from shrinkwatch.records.trouble import Misconfigured
from shrinkwatch.scoring.settings import ScoringSettings

FILE_NAME = "shrinkwatch.toml"

_NAMES_DATABASE = re.compile(r"\s*database\s*=")

Share = Annotated[float, Meta(ge=0, le=1)]
Money = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=0)]
_TIME = "^([01][0-9]|2[0-3]):[0-5][0-9]$"
_HOURS = "^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"


class Defaults(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for a store or a feed that does not say it itself; None: nothing is assumed."""

    time_zone: str | None = None
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] | None = None


class Store(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the journal is kept; None: in a file of the workspace."""

    database: str | None = None


class Alerts(Struct, frozen=True, forbid_unknown_fields=True):
    """How many alerts people can work, and what one must be worth.

    review_cost: what one review costs, in the currency's unit; an alert must be worth more.
    audit_share: besides, alerts drawn by lot from what was passed over, per alert chosen.
    """

    per_store_week: Count = 5
    chain_per_week: Count = 10
    review_cost: Money = 25.0
    probability_floor: Share = 0.3
    audit_share: Share = 0.02


class RuleChoice(Struct, frozen=True, forbid_unknown_fields=True):
    """Rules switched on or off by id, against how they ship."""

    on: tuple[str, ...] = ()
    off: tuple[str, ...] = ()


class Privacy(Struct, frozen=True, forbid_unknown_fields=True):
    """Whether people see ids of people; a pseudonym stands in for them otherwise.

    show_ids: everybody does. show_ids_to: only these roles, where people log in.
    """

    show_ids: bool = False
    show_ids_to: tuple[Role, ...] = ()


class Labels(Struct, frozen=True, forbid_unknown_fields=True):
    """Whose answers count, and on what.

    own_store: whether people may answer alerts of the store in which they work. trusted: names
    whose answers are taken as known; they check everybody else's.
    """

    own_store: bool = True
    trusted: tuple[str, ...] = ()


class Audit(Struct, frozen=True, forbid_unknown_fields=True):
    """Where the head of the audit log is kept outside the database.

    anchors: a file, from the workspace's folder on; best on another machine's disk.
    """

    anchors: str = "audit.anchors"


class Messages(Struct, frozen=True, forbid_unknown_fields=True):
    """What holds for all messages about alerts.

    link: where an alert's packet is, with {alert_id} for its id; None: messages have no link.
    allow_hosts: names of hosts in one's own network that messages may be sent to.
    """

    link: str | None = None
    allow_hosts: tuple[str, ...] = ()


class Hook(Struct, frozen=True, forbid_unknown_fields=True):
    """A vendor who calls when something happens: under /hooks/NAME.

    vendor: square, shopify or stripe. secrets_file: a file of the workspace with the secret that
    signs, a line; two lines while it is changed. source: the name of the feed. url: the whole
    address that the vendor calls, which Square signs. stores: it speaks for these; empty: all.
    """

    name: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,59}$")]
    vendor: Literal["shopify", "square", "stripe"]
    secrets_file: Annotated[str, Meta(min_length=1)]
    source: str | None = None
    url: str | None = None
    stores: tuple[str, ...] = ()


class Notify(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who is told of new alerts, and how.

    name: of the channel. url_file: a file of the workspace with the address, which is a secret.
    tells: "link" (no person, no reasons) or "reasons". stores, schemes: only of these; empty: all.
    severity: at least that of the gravest rule. quiet: hours of the store in which nothing is
    sent, like "21:00-07:00"; what waits is sent after. digest: once a day at this time instead.
    """

    name: Annotated[str, Meta(min_length=1, max_length=60)]
    url_file: Annotated[str, Meta(min_length=1)]
    tells: Literal["link", "reasons"] = "link"
    stores: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    severity: Literal["low", "medium", "high"] = "low"
    quiet: Annotated[str, Meta(pattern=_HOURS)] | None = None
    digest: Annotated[str, Meta(pattern=_TIME)] | None = None


class Settings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that `shrinkwatch.toml` may say; every part has a default."""

    defaults: Defaults = field(default_factory=Defaults)
    store: Store = field(default_factory=Store)
    alerts: Alerts = field(default_factory=Alerts)
    rules: RuleChoice = field(default_factory=RuleChoice)
    privacy: Privacy = field(default_factory=Privacy)
    labels: Labels = field(default_factory=Labels)
    audit: Audit = field(default_factory=Audit)
    messages: Messages = field(default_factory=Messages)
    notify: tuple[Notify, ...] = ()
    hook: tuple[Hook, ...] = ()
    labeller: tuple[Labeller, ...] = ()
    mute: tuple[Mute, ...] = ()

    def scoring(self) -> ScoringSettings:
        """Return what scoring must know of these settings."""
        return ScoringSettings(
            per_store_week=self.alerts.per_store_week,
            chain_per_week=self.alerts.chain_per_week,
            review_cost=self.alerts.review_cost,
            probability_floor=self.alerts.probability_floor,
            audit_share=self.alerts.audit_share,
            mutes=self.mute,
        )


def read(workspace: Path) -> Settings:
    """Return the settings of this workspace; without a file, the defaults.

    Raises: Misconfigured, naming the file, the setting and what would be right.
    """
    path = workspace / FILE_NAME
    if not path.exists():
        return Settings()
    return parse(path.read_text("utf-8"), name=str(path))


def parse(text: str, name: str = FILE_NAME) -> Settings:
    """Return the settings in this TOML text; `name` is what an error calls the file.

    Raises: Misconfigured.

    >>> parse("[alerts]\\nper_store_week = 3").alerts.per_store_week
    3
    >>> parse("[alerts]\\nper_store_weak = 3")
    Traceback (most recent call last):
    ...
    shrinkwatch.records.trouble.Misconfigured: shrinkwatch.toml: unknown setting \
alerts.per_store_weak; did you mean alerts.per_store_week?
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{name}: not valid TOML: {error}") from error
    _refuse_unknown(found, name)
    try:
        settings = msgspec.convert(found, Settings)
    except msgspec.ValidationError as error:
        raise Misconfigured(f"{name}: {_plainly(str(error))}") from error
    _refuse_unknown_zone(settings, name)
    _refuse_unclear_channels(settings, name)
    return settings


def login_name() -> str:
    """Return the name under which somebody is logged in: who answers when he does not say it.

    Raises: Misconfigured where the system knows no name.
    """
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError) as error:
        raise Misconfigured("nobody is logged in here; say who answers: --by NAME") from error


def template() -> str:
    """Return the commented settings file that `init` writes; it says the defaults."""
    return resources.files("shrinkwatch.run").joinpath("settings.toml").read_text("utf-8")


def name_database(workspace: Path, address: str | None) -> None:
    """Write into the settings file where the journal is (None: in the workspace's own file).

    Raises: Misconfigured when the file could not be read before.
    """
    read(workspace)
    path = workspace / FILE_NAME
    lines = path.read_text("utf-8").splitlines() if path.exists() else template().splitlines()
    kept = [line for line in lines if not _NAMES_DATABASE.match(line)]
    if "[store]" not in kept:
        kept += ["", "[store]"]
    if address is not None:
        kept.insert(kept.index("[store]") + 1, f"database = {_toml(address)}")
    _write(path, "\n".join((*kept, "")))


def add_mute(workspace: Path, mute: Mute) -> None:
    """Write one more mute to the end of the settings file, leaving all else as it stands.

    Raises: Misconfigured when the file could not be read before.
    """
    read(workspace)
    path = workspace / FILE_NAME
    text = path.read_text("utf-8") if path.exists() else template()
    longer = f"{text.rstrip()}\n\n{mute_text(mute)}"
    _write(path, longer)


def _write(path: Path, text: str) -> None:
    """Put a new text in the place of the settings, whole or not at all. Raises: Misconfigured."""
    parse(text, name=str(path))
    whole = path.with_name(path.name + ".new")
    whole.write_text(text, "utf-8")
    whole.replace(path)


def mute_text(mute: Mute) -> str:
    """Return the TOML of a mute.

    >>> print(mute_text(Mute(until=date(2026, 3, 31), because='recall "A"', sku="4711")), end="")
    [[mute]]
    until = 2026-03-31
    because = "recall \\"A\\""
    sku = "4711"
    """
    told = {name: getattr(mute, name) for name in mute.__struct_fields__}
    lines = [f"{name} = {_toml(value)}" for name, value in told.items() if value is not None]
    return "\n".join(("[[mute]]", *lines, ""))


def names() -> tuple[str, ...]:
    """Return every setting's dotted name, e.g. `alerts.review_cost`.

    >>> "privacy.show_ids" in names()
    True
    """
    sections = {
        "defaults": Defaults,
        "store": Store,
        "alerts": Alerts,
        "rules": RuleChoice,
        "privacy": Privacy,
        "labels": Labels,
        "audit": Audit,
        "messages": Messages,
    }
    dotted = [f"{name}.{key}" for name, kind in sections.items() for key in kind.__struct_fields__]
    tables = {"labeller": Labeller, "mute": Mute, "notify": Notify, "hook": Hook}
    of_tables = [f"{name}.{key}" for name, kind in tables.items() for key in kind.__struct_fields__]
    return (*dotted, *of_tables)


def _toml(value: date | str) -> str:
    """Return a TOML literal: JSON's escapes of a string are TOML's too."""
    return msgspec.json.encode(value).decode() if isinstance(value, str) else value.isoformat()


def _refuse_unknown(found: dict[str, Any], name: str) -> None:
    known = set(names())
    sections = {dotted.split(".")[0] for dotted in known}
    for section, content in found.items():
        if section not in sections:
            raise Misconfigured(_unknown(section, sections, name))
        for table in content if isinstance(content, list) else [content]:
            for key in table if isinstance(table, dict) else ():
                if f"{section}.{key}" not in known:
                    raise Misconfigured(_unknown(f"{section}.{key}", known, name))


def _unknown(setting: str, known: set[str], name: str) -> str:
    nearest = get_close_matches(setting, sorted(known), n=1, cutoff=0.5)
    advice = f"did you mean {nearest[0]}?" if nearest else f"known are: {', '.join(sorted(known))}"
    return f"{name}: unknown setting {setting}; {advice}"


def _plainly(error: str) -> str:
    """Return msgspec's message with the setting's dotted name in front of it."""
    message, _, place = error.partition(" - at ")
    return f"{place.strip('`').removeprefix('$.')}: {message}" if place else message


def _refuse_unknown_zone(settings: Settings, name: str) -> None:
    zone = settings.defaults.time_zone
    if zone is None:
        return
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise Misconfigured(
            f"{name}: defaults.time_zone: no time zone is called {zone!r}; "
            'write it like "Europe/London"'
        ) from error


def _refuse_unclear_channels(settings: Settings, name: str) -> None:
    names = [*(one.name for one in settings.notify), *(one.name for one in settings.hook)]
    for twice in {one for one in names if names.count(one) > 1}:
        raise Misconfigured(f"{name}: [[notify]], [[hook]]: {twice} stands there twice; rename one")
    for one in settings.notify:
        if one.quiet is not None and len(set(one.quiet.split("-"))) == 1:
            raise Misconfigured(f"{name}: notify.quiet: {one.quiet} is no time at all, or always")
