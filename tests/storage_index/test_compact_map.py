import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.index import compact_map
from storage.index.compact_map import MISSING, CompactMap

KEYS = st.integers(-20, 20) | st.sampled_from([-(2**63), 2**63 - 1])


@given(st.lists(st.dictionaries(KEYS, st.integers(MISSING, 9), max_size=9), max_size=20))
def test_it_agrees_with_a_dict(steps: list[dict[int, int]]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact_map, "MIN_RECENT", 3)
        tried, kept = CompactMap(), dict[int, int]()
        for entries in steps:
            tried.put(entries)
            kept |= entries
            keys = [*range(-21, 22), -(2**63), 2**63 - 1]
            assert tried.find(keys).tolist() == [kept.get(key, MISSING) for key in keys]
            assert [tried.get(key) for key in keys] == [kept.get(key, MISSING) for key in keys]


def test_few_entries_are_outside_the_sorted_ones() -> None:
    tried = CompactMap()
    for start in range(0, 100_000, 250):
        tried.put({key * 7: key for key in range(start, start + 250)})
    assert len(tried._recent) < 100_000 / 7
    assert tried.find([0, 7, 8, 699_993]).tolist() == [0, 1, MISSING, 99_999]
