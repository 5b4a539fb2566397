"""Takes card numbers out of what arrives, before anything of it is kept.

In an identifier field a number becomes a token that only this workspace makes; anywhere else it
becomes `[removed]`. Product numbers, orders and transaction keys stay as they are.
"""

import re
from bisect import bisect_right
from functools import cached_property

import msgspec

from shrinkwatch.intake.card_numbers import EXEMPT_FIELDS, IDENTIFIER, IDENTIFIER_FIELDS, find
from shrinkwatch.intake.token_key import TokenKey

REMOVED = b"[removed]"

_ESCAPED = rb"\\{1,16}u(?:00(?P<ascii>3[0-9]|20|2[dD])|[fF]{2}1(?P<wide>[0-9])|"
_ESCAPED += rb"(?P<space>00[aA]0|200[0-9aA]|202[fF]|3000)|(?P<dash>201[0-5]|2212|[fF]{2}0[dD]))"
_UTF8 = (
    rb"\xef\xbc(?P<wide8>[\x90-\x99])|(?P<space8>\xc2\xa0|\xe2\x80[\x80-\x8a\xaf]|\xe3\x80\x80)|"
)
_UTF8 += rb"(?P<dash8>\xe2\x80[\x90-\x95]|\xe2\x88\x92|\xef\xbc\x8d|\xc2\xad)"
_ENTITY = rb"&#(?:x0*(?P<hex>3[0-9]|20|2[dD]|[aA]0)|0*(?P<dec>4[89]|5[0-7]|32|45|160));"
_DISGUISE = re.compile(b"|".join((_ESCAPED, _UTF8, _ENTITY)))
_GLUED = re.compile(
    rb"(?:\\{1,16}u[dD][89abAB][0-9a-fA-F]{2})?(?P<strokes>\\{1,16})u(?P<code>[0-9a-fA-F]{3}[0-9])"
    rb"(?=[0-9])"
)
"""A character written with its code, whose last digit would count among those that follow."""
_HIDING = re.compile(_DISGUISE.pattern + b"|" + _GLUED.pattern)
_TOKENS = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"?|[{}\[\]]', re.DOTALL)
_NUMBER_PART = b"0123456789.eE+-"


def scrub_json(block: bytes, key: TokenKey) -> bytes:
    """Return lines of JSON without card numbers; lines that hold none are unchanged.

    Works on broken JSON too, as text. Digits written as escapes (`\\u0034`), in other scripts'
    forms or with typographic spaces and dashes are seen through.
    """
    block = _undisguised(block)
    hits = find(block)
    if not hits.size:
        return block
    pieces: list[bytes] = []
    at, line = 0, None
    for start, end, kind in hits.tolist():
        if kind == IDENTIFIER:
            cut = (start, end, _token(block[start:end], key))
        else:
            if line is None or not line.start <= start < line.end:
                line = _Line(block, start)
            found = line.cut(start, end, key)
            if found is None:
                continue
            cut = found
        if cut[0] >= at:
            pieces += (block[at : cut[0]], cut[2])
            at = cut[1]
    return b"".join((*pieces, block[at:]))


def scrub_text(raw: bytes, key: TokenKey) -> bytes:
    """Return bytes of unknown form (XML, a damaged file) with `[removed]` for card numbers."""
    if b"\0" in raw and find(_undisguised(raw.replace(b"\0", b""))).size:
        raw = raw.replace(b"\0", b"")
    return scrub_json(raw, key)


def scrub_value(field: str, value: str, key: TokenKey) -> str:
    """Return the value of one field without card numbers, as the field's name asks.

    >>> key = TokenKey(bytes(32))
    >>> scrub_value("description", "paid with 4111-1111-1111-1111", key)
    'paid with [removed]'
    >>> scrub_value("sku", "4111111111111111", key)
    '4111111111111111'
    """
    if field in EXEMPT_FIELDS or len(value) < 13:
        return value
    raw = _undisguised(value.encode("utf-8", "surrogatepass"))
    pieces: list[bytes] = []
    at = 0
    for start, end, _ in find(raw).tolist():
        number = _token(raw[start:end], key) if field in IDENTIFIER_FIELDS else REMOVED
        pieces += (raw[at:start], number)
        at = end
    return b"".join((*pieces, raw[at:])).decode("utf-8", "replace") if at else value


def _token(number: bytes, key: TokenKey) -> bytes:
    """Return the number's token; one that happens to look like a card itself is made anew."""
    token = key.token(re.sub(rb"[ -]", b"", number).decode("ascii"))
    while find(token.encode()).size:
        token = key.token(token)
    return token.encode()


def _undisguised(block: bytes) -> bytes:
    """Return the block with plain digits on the lines where disguised ones hid a card number."""
    if block.isascii() and b"\\" not in block and b"&" not in block:
        return block
    pieces: list[bytes] = []
    at = seen = 0
    for match in _HIDING.finditer(block):
        if match.start() < seen:
            continue
        start = block.rfind(b"\n", 0, match.start()) + 1
        seen = _line_end(block, match.start())
        plain = _GLUED.sub(_apart, _DISGUISE.sub(_plain, block[start:seen]))
        if find(plain).size:
            pieces += (block[at:start], plain)
            at = seen
    return b"".join((*pieces, block[at:])) if at else block


def _plain(match: re.Match[bytes]) -> bytes:
    """Return the digit, space or dash that this disguise stands for."""
    group, text = match.lastgroup, match.group()
    if group in ("ascii", "hex"):
        code = int(match[group], 16)
        return b" " if code == 0xA0 else bytes((code,))
    if group == "dec":
        return b" " if match["dec"] == b"160" else bytes((int(match["dec"]),))
    if group in ("wide", "wide8"):
        return bytes((48 + text[-1] - (48 if group == "wide" else 0x90),))
    return b" " if group in ("space", "space8") else b"-"


def _apart(match: re.Match[bytes]) -> bytes:
    """Return the character that this code stands for, as a JSON string may hold it.

    What has no such form (controls, halves of pairs) becomes a blank or a replacement character.
    """
    strokes, code = match["strokes"], int(match["code"], 16)
    if code == ord('"'):
        return strokes + strokes[1:] + b'"'  # JSON within JSON doubles the strokes before a quote
    if code == ord("\\"):
        return strokes + strokes
    if code < 0x20:
        return b" "
    return chr(0xFFFD if 0xD800 <= code < 0xE000 else code).encode()


def _line_end(block: bytes, at: int) -> int:
    end = block.find(b"\n", at)
    return len(block) if end < 0 else end


class _Line:
    """One line of JSON, its strings and the field that each is the value of."""

    def __init__(self, block: bytes, at: int) -> None:
        self.start = block.rfind(b"\n", 0, at) + 1
        self.end = _line_end(block, at)
        self._block = block
        self._json = block[self.start : self.end].lstrip()[:1] in (b"{", b"[")
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._fields: list[str | None] = []
        self._next_fields: list[str | None] = []
        if self._json:
            self._read_strings()

    @cached_property
    def _is_whole(self) -> bool:
        """Whether it is JSON: in what breaks off, quotes may pair with the wrong ones."""
        try:
            msgspec.json.decode(self._block[self.start : self.end], type=msgspec.Raw)
        except (msgspec.DecodeError, RecursionError):
            return False
        return True

    def _read_strings(self) -> None:
        field: str | None = None
        outer: list[str | None] = []
        for token in _TOKENS.finditer(self._block, self.start, self.end):
            text = token.group()
            if text in b"{[":
                outer.append(field)
            elif text in b"}]":
                field = outer.pop() if outer else None
            else:
                is_name = self._block[token.end() : token.end() + 20].lstrip()[:1] == b":"
                if is_name:
                    field = text[1:-1].decode("utf-8", "replace")
                self._starts.append(token.start())
                self._ends.append(token.end())
                self._fields.append(None if is_name else field)
                self._next_fields.append(field)

    def cut(self, start: int, end: int, key: TokenKey) -> tuple[int, int, bytes] | None:
        """Return what to put in place of the number (start, end, bytes), None to leave it."""
        if not self._json:
            return start, end, REMOVED
        before = bisect_right(self._starts, start) - 1
        inside = before >= 0 and start < self._ends[before]
        fields = self._fields if inside else self._next_fields
        field = fields[before] if before >= 0 else None
        if inside and field in EXEMPT_FIELDS and self._is_whole:
            return None
        text = _token(self._block[start:end], key) if field in IDENTIFIER_FIELDS else REMOVED
        return (start, end, text) if inside else self._bare(start, end, text)

    def _bare(self, start: int, end: int, text: bytes) -> tuple[int, int, bytes]:
        """Return the cut of a number that stands outside every string: JSON wants quotes then."""
        while start > self.start and self._block[start - 1] in _NUMBER_PART:
            start -= 1
        while end < self.end and self._block[end] in _NUMBER_PART:
            end += 1
        return start, end, b'"' + text + b'"'
