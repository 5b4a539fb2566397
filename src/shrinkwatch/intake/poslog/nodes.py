"""Finds elements and values in a POSLog transaction by their local names.

Namespaces and prefixes differ from till to till; the names behind the colon do not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

Node = Any
"""An lxml element."""

_ANY_SPACE = "{*}"
_FRACTION = re.compile(r"(\.\d{6})\d+")
_YES = ("true", "1", "yes", "y")


class NotXml(Exception):  # noqa: N818 - read as a sentence
    """The text is no well-formed XML element; the message says where it breaks."""


def parse(text: str, prefixes: str) -> Node:
    """Return the element that this text is; entities, DTDs, the network and huge trees are off.

    prefixes: namespace declarations of the elements around it.
    Raises: NotXml.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        whole = etree.fromstring(f"<around {prefixes}>{text}</around>".encode(), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotXml(str(error)) from error
    found = next(whole.iterchildren(), None)
    if found is None or next(whole.iter(etree.Entity), None) is not None:
        raise NotXml("it holds entities that nobody declared")
    return found


def name(node: Node) -> str:
    """Return the element's local name."""
    tag = node.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(node: Node, *names: str) -> Iterator[Node]:
    """Yield the direct children with one of these local names; all of them without names."""
    yield from node.iterchildren(*(_ANY_SPACE + wanted for wanted in names))


def child(node: Node, *names: str) -> Node | None:
    """Return the first direct child with one of these names, in the order of the names."""
    for wanted in names:
        found = next(node.iterchildren(_ANY_SPACE + wanted), None)
        if found is not None:
            return found
    return None


def below(node: Node, *names: str) -> Node | None:
    """Return the first element at any depth with one of these names."""
    return next(node.iter(*(_ANY_SPACE + wanted for wanted in names)), None)


def text(node: Node | None, *path: str) -> str | None:
    """Return the trimmed text at the end of a path of direct children; empty is None."""
    for step in path:
        if node is None:
            return None
        node = child(node, step)
    if node is None or node.text is None:
        return None
    trimmed: str = node.text.strip()
    return trimmed or None


def attribute(node: Node, wanted: str) -> str | None:
    """Return the attribute of this local name, trimmed; empty is None."""
    for key, value in node.attrib.items():
        if key.rpartition("}")[2] == wanted:
            return str(value).strip() or None
    return None


def is_set(node: Node, flag: str) -> bool:
    """Tell whether the attribute says true."""
    return (attribute(node, flag) or "").lower() in _YES


def amount(written: str | None) -> Decimal | None:
    """Return a number; None where nothing is written.

    Raises: NotANumber for a text that is none.
    """
    if written is None:
        return None
    try:
        value = Decimal(written.strip().replace(" ", ""))
    except InvalidOperation as error:
        raise NotANumber(f"{written[:40]!r} is no amount") from error
    if not value.is_finite():
        raise NotANumber(f"{written[:40]!r} is no amount")
    return value


class NotANumber(Exception):  # noqa: N818 - read as a sentence
    """A text stands where an amount should; the message shows it."""


def time(written: str | None) -> str | None:
    """Return a time with at most six decimals, as the contract's reader takes it."""
    return None if written is None else _FRACTION.sub(r"\1", written)
