"""Structs are read and written back the same, whatever stands in them; what is none is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsdesk.sources.compact_thrift import (
    BINARY,
    BYTE,
    DOUBLE,
    I16,
    I32,
    I64,
    LIST,
    SET,
    STRUCT,
    TRUE,
    DamagedError,
    Elements,
    Field,
    Struct,
    read_struct,
    written,
)

_plain = (
    st.builds(Field, st.sampled_from([I16, I32, I64]), st.integers(-(2**63), 2**63 - 1))
    | st.builds(Field, st.just(BINARY), st.binary(max_size=200))
    | st.builds(Field, st.just(DOUBLE), st.binary(min_size=8, max_size=8))
    | st.builds(Field, st.just(BYTE), st.integers(0, 255))
    | st.booleans().map(lambda flag: Field(TRUE if flag else TRUE + 1, flag))
)


def _lists(inner: st.SearchStrategy[Struct]) -> st.SearchStrategy[Field]:
    elements = (
        st.builds(Elements, st.just(I32), st.lists(st.integers(-(2**31), 2**31 - 1), max_size=20))
        | st.builds(Elements, st.just(BINARY), st.lists(st.binary(max_size=5), max_size=20))
        | st.builds(Elements, st.just(TRUE), st.lists(st.integers(1, 2), max_size=20))
        | st.builds(Elements, st.just(STRUCT), st.lists(inner, max_size=4))
    )
    return st.builds(Field, st.sampled_from([LIST, SET]), elements)


def _structs(inner: st.SearchStrategy[Field]) -> st.SearchStrategy[Struct]:
    return st.dictionaries(st.integers(-(2**15), 2**15 - 1).filter(bool), inner, max_size=6)


_any = st.recursive(
    _structs(_plain),
    lambda inner: _structs(_plain | _lists(inner) | inner.map(lambda s: Field(STRUCT, s))),
    max_leaves=8,
)


@given(_any, st.binary(max_size=3), st.binary(max_size=3))
def test_what_is_written_comes_back(struct: Struct, before: bytes, after: bytes) -> None:
    content = written(struct)
    assert read_struct(before + content + after, len(before)) == (struct, len(before) + len(content))


@given(st.binary(max_size=60))
def test_any_bytes_are_a_struct_or_told(content: bytes) -> None:
    try:
        struct, end = read_struct(content)
    except DamagedError:
        return
    assert read_struct(written(struct))[0] == struct
    assert end <= len(content)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x18\x05ab",  # text that ends too early
        b"\x1d\x00",  # a kind that there is not
        b"\x1b\x00",  # a map
        b"\x15\x02\x05\x02\x04\x00",  # a field twice
        b"\x16" + b"\xff" * 11,  # a number without an end
        b"\x19\xf5\xff\xff\xff\xff\x0f",  # a list longer than all there is
        b"\x1c" * 100,
    ],
)
def test_what_is_none_is_told(content: bytes) -> None:
    with pytest.raises(DamagedError):
        read_struct(content)
