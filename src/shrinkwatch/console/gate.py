"""The gate's report as a person reads it: what was asked, what came out, and three drawings."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader, Template
from msgspec import Struct

from shrinkwatch.console.plots import Bar, Tick
from shrinkwatch.models.gate.report import AtNumber, Bin, Check, GateReport, StoreRow

WIDTH, HEIGHT = 520, 320
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 40, 44
_STORES = 12
_MARKS = {True: "passed", False: "**failed**", None: "**unknown**"}
_SAID = {
    "passed": "The challenger passed and may become champion.",
    "refused": "The challenger is refused; the champion stays.",
    "unknown": "Too little is known to promote the challenger; the champion stays.",
    "same": "The challenger says what the champion says; the champion stays.",
}


class Line(Struct, frozen=True):
    """A line of a drawing. whose: champion, challenger or ideal. path: points as SVG wants them."""

    whose: str
    path: str
    dots: tuple[tuple[float, float], ...] = ()


class Whisker(Struct, frozen=True):
    """The interval of a dot, upright."""

    x: float
    top: float
    bottom: float


class Chart(Struct, frozen=True, kw_only=True):
    """A drawing with its axes; coordinates are pixels, the height grows downwards."""

    title: str
    spoken: str
    across: str
    up: str
    across_ticks: tuple[Tick, ...]
    up_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    champion_bars: tuple[Bar, ...] = ()
    challenger_bars: tuple[Bar, ...] = ()


def markdown(report: GateReport) -> str:
    """Return the report as Markdown; its drawings lie beside it."""
    return _template("gate.md").render(
        report=report,
        said=_SAID[report.verdict],
        checks=[_check_row(check) for check in report.checks],
        drawings=[(name, chart.title) for name, chart in charts(report).items()],
    )


def drawings(report: GateReport) -> dict[str, str]:
    """Return file name -> SVG of every drawing for which there is something to draw."""
    template = _template("gate.svg")
    frame = {"left": _LEFT, "right": WIDTH - _RIGHT, "top": _TOP, "bottom": HEIGHT - _BOTTOM}
    return {
        name: template.render(chart=chart, width=WIDTH, height=HEIGHT, frame=frame)
        for name, chart in charts(report).items()
    }


def charts(report: GateReport) -> dict[str, Chart]:
    """Return file name -> what it shows."""
    found = {}
    if report.reliability["challenger"]:
        found["reliability.svg"] = _reliability(report)
    if report.answers:
        found["precision.svg"] = _precision(report.precision)
    found["stores.svg"] = _stores(report.stores)
    return found


def _template(name: str) -> Template:
    environment = Environment(
        loader=PackageLoader("shrinkwatch.console", "."),
        autoescape=name.endswith(".svg"),
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["cell"] = _cell
    return environment.get_template(name)


def _cell(text: str) -> str:
    """Return the text so that it stays in its cell of a Markdown table, and is no markup."""
    for sign in "\\`*_[]<>|":
        text = text.replace(sign, "\\" + sign)
    return " ".join(text.split())


def _check_row(check: Check) -> tuple[str, str, str, str, str]:
    value = "unknown" if check.value is None else f"{check.value:.4g}"
    name = check.name.replace("_", " ")
    return name, _MARKS[check.passed], value, f"{check.limit:.4g}", check.sentence


def _reliability(report: GateReport) -> Chart:
    lines = [Line("ideal", _path([(0.0, 0.0), (1.0, 1.0)]))]
    for whose, bins in report.reliability.items():
        lines.append(_line(whose, [(one.said, one.true) for one in bins]))
    return Chart(
        title="What was said and what came true",
        spoken="The closer a line is to the diagonal, the more its probabilities mean.",
        across="probability that was said",
        up="share that came true",
        across_ticks=tuple(Tick(_x(share), f"{share:.0%}") for share in _FIFTHS),
        up_ticks=_SHARES,
        lines=tuple(lines),
        whiskers=tuple(_whisker(one) for one in report.reliability["challenger"]),
    )


def _precision(numbers: Sequence[AtNumber]) -> Chart:
    most = numbers[-1].alerts
    lines = [
        _line(whose, [(one.alerts / most, share) for one in numbers
                      if (share := getattr(one, whose)) is not None])
        for whose in ("champion", "challenger")
    ]  # fmt: skip
    return Chart(
        title="How many of the first alerts are right",
        spoken="Share of answered alerts that were right, by number of alerts.",
        across="alerts, the likeliest first",
        up="of the answered, right",
        across_ticks=tuple(Tick(_x(share), f"{share * most:.0f}") for share in _FIFTHS),
        up_ticks=_SHARES,
        lines=tuple(lines),
    )


def _stores(rows: Sequence[StoreRow]) -> Chart:
    shown = sorted(rows, key=lambda one: (-abs(one.challenger - one.champion), one.store_id or ""))
    shown = shown[:_STORES]
    most = max((max(one.champion, one.challenger) for one in shown), default=0) or 1
    step = 1 / max(len(shown), 1)
    middles = [(place + 0.5) * step for place in range(len(shown))]
    half = step * (WIDTH - _LEFT - _RIGHT) * 0.4
    return Chart(
        title="Alerts per store in the test days",
        spoken=f"The {len(shown)} stores whose number of alerts changed most.",
        across="store, the most changed first",
        up="alerts",
        across_ticks=tuple(
            Tick(_x(at), one.store_id or "chain") for at, one in zip(middles, shown, strict=True)
        ),
        up_ticks=tuple(Tick(_y(share), f"{share * most:.3g}") for share in (0.0, 0.5, 1.0)),
        champion_bars=tuple(
            _bar(_x(at) - half, one.champion / most, half)
            for at, one in zip(middles, shown, strict=True)
        ),
        challenger_bars=tuple(
            _bar(_x(at), one.challenger / most, half)
            for at, one in zip(middles, shown, strict=True)
        ),
    )


def _x(share: float) -> float:
    return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT), 1)


def _y(share: float) -> float:
    return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM), 1)


_FIFTHS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
_SHARES = tuple(Tick(_y(share), f"{share:.0%}") for share in _FIFTHS)


def _line(whose: str, points: Sequence[tuple[float, float]]) -> Line:
    return Line(whose, _path(points), tuple((_x(across), _y(up)) for across, up in points))


def _path(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{_x(across)},{_y(up)}" for across, up in points)


def _whisker(one: Bin) -> Whisker:
    return Whisker(_x(one.said), _y(one.high), _y(one.low))


def _bar(x: float, share: float, width: float) -> Bar:
    top = _y(share)
    return Bar(round(x, 1), top, round(width, 1), round(HEIGHT - _BOTTOM - top, 1))
