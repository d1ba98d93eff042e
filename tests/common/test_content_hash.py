import datetime
import hashlib
import io
import json
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sambruk.common.content_hash import canonical_json, content_hash, files_mapping, sha256_hex, stream_hash

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(TEXT.map(lambda t: unicodedata.normalize("NFC", t)), inner, max_size=4)
    ),
    max_leaves=12,
)


def test_golden():
    value = {"b": [1, 2.0, None, True], "a": "Å \u20ac\n"}
    expected = '{"a":"Å €\\n","b":[1,2,null,true]}'.encode()
    assert canonical_json(value) == expected
    assert content_hash(value) == hashlib.sha256(expected).hexdigest()
    # The hash itself is pinned: if it changes, every published definition gets a new name.
    assert content_hash({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"


def test_composed_and_decomposed_are_the_same():
    assert content_hash({"o\u0308": ["a\u030a"]}) == content_hash({"ö": ["å"]})


@given(JSON)
def test_any_order_and_any_form_gives_one_hash(value):
    def rearranged(part):
        if isinstance(part, dict):
            return {unicodedata.normalize("NFD", k): rearranged(v) for k, v in reversed(part.items())}
        if isinstance(part, list):
            return tuple(rearranged(v) for v in part)
        return unicodedata.normalize("NFD", part) if isinstance(part, str) else part

    assert canonical_json(rearranged(value)) == canonical_json(value)
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@pytest.mark.parametrize(
    ("value", "place"),
    [
        ({"a": {"b": datetime.date(2026, 1, 1)}}, r"\$\.a\.b: date"),
        ([1, Decimal(1)], r"\$\[1\]: Decimal"),
        ({1: "a"}, "keys must be text"),
        ({"ö": 1, "o\u0308": 2}, "two keys"),
        ([2**53], "."),
        ([float("nan")], "."),
        (["\ud800"], "."),
        ({"a": {1, 2}}, "set"),
    ],
)
def test_what_has_no_one_form_is_refused(value, place):
    with pytest.raises(ValueError, match=place):
        canonical_json(value)


def test_files():
    assert files_mapping({"a.txt": b"abc"}) == {"a.txt": sha256_hex(b"abc")}
    assert sha256_hex(b"abc").startswith("ba7816bf")


@given(st.lists(st.binary(max_size=50)))
def test_streams_hash_as_the_whole(chunks):
    whole = b"".join(chunks)
    assert stream_hash(iter(chunks)) == stream_hash(io.BytesIO(whole)) == sha256_hex(whole)
