# SPDX-License-Identifier: Apache-2.0
"""Registers from an address, and documents in pieces of any size."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.errors import ConnectorError, FormatError, ProtocolError
from territoire_sante_opendata import open_url, read_communes
from territoire_sante_opendata._json import json_records
from territoire_sante_opendata._table import csv_rows

CSV = b"code,nom\n48034,La Canourgue\n"


def test_a_register_at_an_address(web, day):
    """What an address gives is read like a file; pages, absence and excess are told."""
    server = web.origin
    web.files = {"/communes.csv": CSV, "/page": b"<!doctype html><p>Connexion"}
    with open_url(f"{server}/communes.csv") as stream:
        assert [one.id for one in read_communes(stream, retrieved_on=day)] == ["commune:48034"]
    with pytest.raises(ProtocolError, match="a web page came"), open_url(f"{server}/page"):
        pass
    with pytest.raises(ConnectorError, match="404"), open_url(f"{server}/none"):
        pass
    with (
        pytest.raises(ConnectorError),
        open_url(f"{server}/communes.csv", max_bytes=10),
    ):
        pass


class _Slow(io.BytesIO):
    """A stream that gives a few bytes at a time."""

    def __init__(self, data: bytes, size: int) -> None:
        super().__init__(data)
        self._size = size

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(self._size if size is None or size < 0 else min(size, self._size))


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.lists(_VALUES, max_size=4), st.integers(1, 9), st.sampled_from(["", "[", "lines"]))
def test_json_in_pieces(values, size, shape):
    """Records come out as they went in, however the bytes are cut and wrapped."""
    records = [{"value": value} for value in values]
    if shape == "lines":
        data = "\n".join(json.dumps(one, ensure_ascii=False) for one in records)
    elif shape == "[":
        data = json.dumps(records, ensure_ascii=False)
    else:
        data = json.dumps({"total": 2, "items": records, "next": None}, ensure_ascii=False)
    found = list(json_records(_Slow(data.encode(), size), {"items"}))
    assert [record for _, record in found] == records


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_any_bytes(data):
    """Any bytes are rows, records or a FormatError, and never anything else."""
    for row in csv_rows(io.BytesIO(data)):
        assert row is not None
    try:
        found = list(json_records(io.BytesIO(data), {"items"}))
    except FormatError:
        return
    assert isinstance(found, list)
