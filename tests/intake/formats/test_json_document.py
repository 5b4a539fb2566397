import io
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from shrinkwatch.intake.formats import json_document


def lines(raw: bytes) -> list[bytes]:
    found = json_document.blocks(io.BytesIO(raw), "f")
    return [line for block in found if block.damage is None for line in block.raw.split(b"\n")]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.dictionaries(st.text(max_size=4), st.text('ab"\\{}[],', max_size=6), max_size=3)),
    st.sampled_from([None, 1]),
)
def test_an_array_comes_out_as_its_objects(
    records: list[dict[str, str]], indent: int | None
) -> None:
    found = lines(json.dumps(records, indent=indent).encode())
    assert [json.loads(line) for line in found] == records


def test_objects_over_many_lines_without_an_array_are_read_too() -> None:
    raw = b'{\n "a": 1\n}\n{\n "b": [{"c": "}"}]\n}\n'
    assert [json.loads(line) for line in lines(raw)] == [{"a": 1}, {"b": [{"c": "}"}]}]


def test_what_stands_between_objects_is_not_lost() -> None:
    assert lines(b'[1, {"a": 1}, "x", {"b": 2}]') == [b"1", b'{"a": 1}', b'"x"', b'{"b": 2}']


def test_an_object_that_never_ends_is_one_reject() -> None:
    found = list(json_document.blocks(io.BytesIO(b'[{"a": 1}, {"b": "x'), "f"))
    assert found[0].raw == b'{"a": 1}'
    assert found[1].damage is not None
    assert found[1].place == 2
