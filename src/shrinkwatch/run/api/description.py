"""The OpenAPI document: what the framework can say, and the routes on which records come in.

Those are plain ASGI for speed, so the framework cannot describe them itself.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request
from litestar.openapi.plugins import JsonRenderPlugin

from shrinkwatch.intake.headers import REQUIRED
from shrinkwatch.records.access import SENDS
from shrinkwatch.records.tables import TABLE_COLUMNS
from shrinkwatch.records.transaction import Transaction
from shrinkwatch.run.api.body import LINES, MOST_RECORDS
from shrinkwatch.run.api.door import ScoredReceipt
from shrinkwatch.run.api.problem import MEDIA_TYPE, TITLES, Document
from shrinkwatch.run.api.signature import KEY, NONCE, SIGNATURE, TIME
from shrinkwatch.run.api.submission import Receipt

_REFUSALS = (400, 401, 403, 413, 415, 429, 503)
_PEOPLES_REFUSALS = (400, 401, 403, 404, 413, 422, 429, 503)
_JSON = "application/json"
_HEADERS = {
    KEY: ("the id of your key", {"type": "string"}),
    TIME: ("Unix time in seconds, within 300 s of the server's", {"type": "string"}),
    NONCE: ("8 to 64 of A-Z a-z 0-9 _ . -, new with every request", {"type": "string"}),
    SIGNATURE: (
        "HMAC-SHA256, in hex, of method, path with query, time and nonce, each followed by a "
        "newline, and of the body as sent",
        {"type": "string", "pattern": "^[0-9a-fA-F]{64}$"},
    ),
}


class WholeDescription(JsonRenderPlugin):
    """Renders the document with the doors added."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        """Return the document as JSON."""
        return super().render(request, with_doors(openapi_schema))


def with_doors(document: dict[str, Any]) -> dict[str, Any]:
    """Return the document with a path for every kind of record that is taken."""
    _, shapes = msgspec.json.schema_components(
        [Transaction, Receipt, ScoredReceipt, Document], ref_template="#/components/schemas/{name}"
    )
    rows = {kind: _row(kind) for kind in SENDS if kind in TABLE_COLUMNS}
    components = document.get("components", {})
    schemas = components.get("schemas", {}) | shapes | {f"{k}_row": row for k, row in rows.items()}
    framed = {path: _with_refusals(item) for path, item in document.get("paths", {}).items()}
    paths = framed | {f"/v1/{kind}": {"post": _operation(kind)} for kind in SENDS}
    return document | {"paths": paths, "components": components | {"schemas": schemas}}


def _operation(kind: str) -> dict[str, Any]:
    name = "Transaction" if kind == "transactions" else f"{kind}_row"
    one = {"$ref": f"#/components/schemas/{name}"}
    several = {"type": "array", "items": one, "minItems": 1, "maxItems": MOST_RECORDS}
    answer = "ScoredReceipt" if kind == "transactions" else "Receipt"
    answers: list[dict[str, str]] = [{"$ref": "#/components/schemas/Receipt"}]
    parameters = [_header(name, *says) for name, says in _HEADERS.items()]
    if answer == "ScoredReceipt":
        answers.append({"$ref": "#/components/schemas/ScoredReceipt"})
        parameters.append(_wait())
    return {
        "operationId": f"send_{kind}",
        "tags": ["records"],
        "summary": f"Send {kind.replace('_', ' ')}",
        "description": "One object, an array, or one object a line; gzip or zstd if you like. The "
        "answer comes when everything is on disk, with an outcome per record.",
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {
                _JSON: {"schema": {"anyOf": [one, several]}},
                LINES.decode(): {"schema": {"type": "string"}},
            },
        },
        "responses": {
            "202": {
                "description": "On disk; what became of each record",
                "content": {_JSON: {"schema": {"anyOf": answers}}},
            },
            **{str(status): _problem(status) for status in _REFUSALS},
        },
    }


def _with_refusals(item: dict[str, Any]) -> dict[str, Any]:
    """Return a path with what its operations may answer besides what the framework knows."""
    refusals = {str(status): _problem(status) for status in _PEOPLES_REFUSALS}
    return {
        method: said | {"responses": said["responses"] | refusals} if "responses" in said else said
        for method, said in item.items()
    }


def _header(name: bytes, says: str, schema: dict[str, str]) -> dict[str, Any]:
    return {
        "name": name.decode(),
        "in": "header",
        "required": True,
        "description": says,
        "schema": schema,
    }


def _wait() -> dict[str, Any]:
    says = "score: answer with what scoring says of each record"
    schema = {"type": "string", "enum": ["score"]}
    return {"name": "wait", "in": "query", "description": says, "schema": schema}


def _problem(status: int) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Document"}
    return {"description": TITLES[status], "content": {MEDIA_TYPE: {"schema": schema}}}


def _row(kind: str) -> dict[str, Any]:
    """Return the schema of a table's row: cells may be texts or numbers, as in a CSV."""
    names: Sequence[str] = [name.removesuffix("_minor") for name in TABLE_COLUMNS[kind]]
    cell = {"type": ["string", "number", "boolean", "array", "null"]}
    required = next(needed for table, needed in REQUIRED.items() if table == kind)
    return {
        "type": "object",
        "properties": dict.fromkeys(names, cell),
        "required": list(required),
    }
