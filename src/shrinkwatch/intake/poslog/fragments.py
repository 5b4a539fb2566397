"""Cuts a POSLog document into its transactions, as text, without parsing the document.

Each transaction is parsed alone afterwards. So a broken one costs only itself, memory is bounded,
and a document type with entities never reaches the parser.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

LONGEST = 4 << 20
"""A transaction longer than this (4 Mi characters) is no receipt."""

_CHUNK = 1 << 20
_LONGEST_TAG = 8192
_MARK = re.compile(r"<!--|<!\[CDATA\[|<(?P<close>/?)(?:[\w.-]+:)?Transaction(?=[\s/>])")
_TAG_END = re.compile(r"""(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""")
_HIDING = {"<!--": "-->", "<![CDATA[": "]]>"}
_PREFIX = re.compile(r"""(xmlns(?::[\w.-]+)?)\s*=\s*("[^"<]*"|'[^'<]*')""")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")


@dataclass(frozen=True, slots=True)
class Fragment:
    """One transaction's text; `wrong` says what is, where it does not end as it should.

    prefixes: the namespace declarations that stand above it, for an element to wrap it in.
    """

    text: str
    prefixes: str = ""
    wrong: str | None = None


@dataclass(frozen=True, slots=True)
class _Tag:
    start: int
    end: int
    closes: bool
    is_whole: bool


def fragments(stream: BinaryIO) -> Iterator[Fragment]:
    """Yield the transactions of a document in order; comments and CDATA are not looked into."""
    prefixes: str | None = None
    rest, is_open = "", False
    for chunk in _texts(stream):
        rest += chunk
        start, done = -1, 0
        for tag in _tags(rest):
            if prefixes is None:
                prefixes = _prefixes(rest[: tag.start])
            if start >= 0 and not tag.closes:
                yield Fragment(rest[start : tag.start], prefixes, "it does not end")
            if tag.is_whole:
                yield Fragment(rest[tag.start : tag.end], prefixes)
            elif tag.closes and start >= 0:
                yield Fragment(rest[start : tag.end], prefixes)
            start = -1 if tag.closes or tag.is_whole else tag.start
            done = tag.end
        is_open = start >= 0
        rest = rest[start if is_open else done :]
        if len(rest) > LONGEST:
            yield Fragment(rest, prefixes or "", f"it is longer than {LONGEST} characters")
            rest, is_open = "", False
    if is_open:
        yield Fragment(rest, prefixes or "", "the file breaks off in it")


def _tags(text: str) -> Iterator[_Tag]:
    """Yield the tags of transactions, as far as the text is whole; linear, whatever it holds."""
    at = 0
    while mark := _MARK.search(text, at):
        hidden = _HIDING.get(mark.group())
        if hidden is not None:
            end = text.find(hidden, mark.end())
            if end < 0:
                return
            at = end + len(hidden)
            continue
        tail = _TAG_END.match(text, mark.end(), mark.end() + _LONGEST_TAG)
        if tail is None:
            if len(text) - mark.end() < _LONGEST_TAG:
                return
            at = mark.end()
            continue
        at = tail.end()
        yield _Tag(mark.start(), at, bool(mark["close"]), text[at - 2] == "/")


def _prefixes(before: str) -> str:
    """Return the namespace declarations in the text before the first transaction."""
    declared = dict(_PREFIX.findall(before[-_LONGEST_TAG:]))
    return " ".join(f"{prefix}={uri}" for prefix, uri in declared.items())


def _texts(stream: BinaryIO) -> Iterator[str]:
    """Yield the document as text, in the encoding that its first bytes declare."""
    chunk = stream.read(_CHUNK)
    decoder = codecs.getincrementaldecoder(_encoding(chunk))("replace")
    while chunk:
        yield decoder.decode(chunk)
        chunk = stream.read(_CHUNK)


def _encoding(first: bytes) -> str:
    if first.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    declared = _DECLARED.search(first[:512])
    name = declared[1].decode("ascii").lower() if declared else "utf-8"
    try:
        is_text = codecs.lookup(name)._is_text_encoding
    except LookupError:
        is_text = False
    return name if is_text and not name.startswith(("utf-8", "utf8", "utf-16")) else "utf-8-sig"
