"""How workers may end."""

import asyncio
import signal
import sys

import pytest

from tests.faults import crew
from tests.faults.crew import Crew
from tests.faults.processes import NOT_BEGUN
from tests.waiting import eventually


def behave(job):
    way, ready = job
    ways = {"stops": lambda *_: sys.exit(0), "deaf": signal.SIG_IGN}
    if way in ways:
        signal.signal(signal.SIGTERM, ways[way])
        ready.touch()
        while True:
            signal.pause()
    sys.exit({"begins not": NOT_BEGUN, "fails": 1}[way])


@pytest.fixture
def of_one(monkeypatch, tmp_path):
    """A crew of one worker that behaves in a way."""
    monkeypatch.setattr(crew, "run_worker", behave)
    crews = []

    async def started(way):
        if way == "deaf":
            monkeypatch.setattr(crew, "STOPS_WITHIN", 0.5)
        one = Crew([(way, tmp_path / "ready")])
        one.start()
        crews.append(one)
        if way in {"stops", "deaf"}:
            await eventually((tmp_path / "ready").exists)
        return one

    yield started
    for each in crews:
        each.kill(0)


async def tended(one, condition):
    tending = asyncio.create_task(one.tend())
    await eventually(condition)
    tending.cancel()


async def test_one_that_cannot_begin_has_a_successor_and_is_no_failure(of_one):
    one = await of_one("begins not")
    await tended(one, lambda: one.not_begun > 1)
    assert one.orderly


async def test_one_that_fails_at_its_work_is_a_failure(of_one):
    one = await of_one("fails")
    await tended(one, lambda: not one.orderly)
    assert not one.not_begun


@pytest.mark.parametrize(("way", "orderly"), [("stops", True), ("deaf", False)])
async def test_one_that_is_asked_to_stop_has_to(of_one, way, orderly):
    one = await of_one(way)
    await one.stop(0)
    assert one.orderly is orderly


async def test_one_that_is_asked_when_it_could_not_begin_is_no_failure(of_one):
    one = await of_one("begins not")
    await one.stop(0)
    assert one.orderly


async def test_one_that_is_killed_is_no_failure(of_one):
    one = await of_one("stops")
    one.kill(0)
    await one.stop(0)
    assert one.orderly
