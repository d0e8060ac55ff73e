"""Inputs in the shapes that people have, each with what is right of it."""

import pytest

from tests.case_table import TABLE, Case
from tests.e2e.all_sources import ask_at_once


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The console talks to sources that are not there, and would wait to ask them again."""
    ask_at_once(monkeypatch)


@pytest.mark.parametrize("case", TABLE, ids=lambda case: case.name)
def test_an_input_gives_what_is_right(case: Case) -> None:
    assert case.got() == case.right


def test_every_input_is_in_the_table() -> None:
    listed = {case.file for case in TABLE}
    assert listed == {file for file in TABLE[0].file.parent.iterdir() if file.name != "identifiers.txt"}
