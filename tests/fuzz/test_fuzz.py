"""A short run of every target, the same each time; `make fuzz` runs on."""

import pytest
from hypothesis import HealthCheck, given, settings

from tests.fuzz.targets import TARGETS

EXAMPLES = 40


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_odd_breaks_a_border(name):
    target = TARGETS[name]

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(target.fed)
    def check(example):
        target.check(example)

    check()
