# SPDX-License-Identifier: Apache-2.0
"""Maps of which changed ones are made: the same as copying them each time."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from territoire_sante.snapshot._layers import layered

KEYS = [f"{number:03}" for number in range(150)]
UPDATES = st.dictionaries(st.sampled_from(KEYS), st.one_of(st.none(), st.integers(0, 9)))


@settings(max_examples=60, deadline=None)
@given(
    start=st.dictionaries(st.sampled_from(KEYS), st.integers(0, 9)),
    rounds=st.lists(st.one_of(UPDATES, st.just(dict.fromkeys(KEYS[::2], 7))), max_size=8),
)
def test_a_changed_map_is_what_a_changed_copy_is(start, rounds):
    """After any changes it holds what a dict would, in the order of the keys; older ones stay."""
    layers, plain = dict(sorted(start.items())), dict(start)
    for updates in rounds:
        before, was = layers, dict(plain)
        layers = layered(layers, updates)
        for key, value in updates.items():
            if value is None:
                plain.pop(key, None)
            else:
                plain[key] = value

        assert list(layers.items()) == sorted(plain.items())
        assert len(layers) == len(plain)
        assert [layers.get(key) for key in KEYS] == [plain.get(key) for key in KEYS]
        assert [key in layers for key in KEYS] == [key in plain for key in KEYS]
        assert dict(before.items()) == was
