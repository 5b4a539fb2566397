"""What the door says when it cannot do what was asked: a problem document of RFC 9457."""

from collections.abc import Mapping

import msgspec
from msgspec import Struct

MEDIA_TYPE = "application/problem+json"

TITLES = {
    400: "The request cannot be read",
    401: "Not recognised",
    403: "Not allowed",
    404: "Not here",
    405: "Not done this way",
    408: "Too slow",
    409: "Changed meanwhile",
    413: "Too much at once",
    415: "Not a form that is read here",
    422: "Not a thing that can be",
    429: "Too often",
    500: "A fault of the server",
    503: "Not now",
}


class Document(Struct, frozen=True):
    """The problem document. type: `urn:shrinkwatch:` and a word that programs may compare."""

    type: str
    title: str
    status: int
    detail: str


class Problem(Exception):  # noqa: N818 - RFC 9457's word
    """Ends a request; the detail says what to do."""

    def __init__(
        self, status: int, word: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.word = word
        self.detail = detail
        self.headers = dict(headers or {})

    @property
    def document(self) -> Document:
        """What is sent."""
        title = TITLES.get(self.status, "A problem")
        return Document(f"urn:shrinkwatch:{self.word}", title, self.status, self.detail)

    @property
    def raw(self) -> bytes:
        """The document as JSON."""
        return msgspec.json.encode(self.document)


def later(word: str, detail: str, after_s: int, status: int = 503) -> Problem:
    """Return a problem that goes away; after_s: when to try again."""
    return Problem(status, word, detail, {"retry-after": str(after_s)})


def fault() -> Problem:
    """Return the problem of a request that the server failed at."""
    return Problem(500, "fault", "the server failed; its log says why")
