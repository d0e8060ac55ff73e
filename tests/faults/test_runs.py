"""Runs with workers and a platform that are processes of their own, and with what goes wrong between them."""

import importlib.util
from pathlib import Path

import pytest

from tests.faults.kinds import KINDS
from tests.faults.platforms import Accepted
from tests.faults.run import Outcome, Run, carried_out
from tests.faults.scene import POSTS, Count, count

FASTER = 40.0
BENCHMARK = Path(__file__).parents[2] / "benchmarks/posts.py"


@pytest.mark.parametrize(
    ("platform", "database"), [("slack", "sqlite"), ("slack", "postgresql"), ("discord", "sqlite")]
)
async def test_a_sample_of_25_faults_loses_and_doubles_nothing(platform, database, tmp_path):
    run = Run(10, database, platform=platform, faults=tuple(KINDS), times=25, haste=FASTER)
    outcome = await carried_out(run, tmp_path)
    assert outcome.count == Count(10 * POSTS, 0, 0)
    assert sum(outcome.met.values()) == 25
    assert outcome.good


@pytest.mark.parametrize(
    ("platform", "database", "clock"),
    [
        ("slack", "sqlite", "set-back"),
        ("slack", "postgresql", "+14h"),
        ("discord", "sqlite", "-14h"),
        ("discord", "postgresql", "+3h"),
    ],
)
async def test_workers_whose_clocks_are_wrong_lose_and_double_nothing(platform, database, clock, tmp_path):
    faults = ("silent-accepted", "late", "kill-after")
    run = Run(6, database, platform=platform, faults=faults, times=6, haste=FASTER, clock=clock)
    outcome = await carried_out(run, tmp_path)
    assert outcome.count == Count(6 * POSTS, 0, 0)
    assert outcome.good


@pytest.mark.parametrize(
    ("without", "faults"),
    [
        ("", ("silent-accepted", "late")),
        ("look-up", ("silent-accepted",)),
        ("lease", ("late",)),
        ("unique", ()),
    ],
)
async def test_a_run_fails_only_where_what_keeps_the_promise_is_taken_away(without, faults, tmp_path):
    times, workers = (0, 4) if without == "unique" else (5, 2)
    # Without leases workers take each other's posts for ever, as fast as they can.
    deadline = 12 if without == "lease" else 30
    run = Run(
        12, workers=workers, faults=faults, times=times, haste=FASTER, without=without, deadline=deadline
    )
    outcome = await carried_out(run, tmp_path)
    assert outcome.good is (not without)
    if without in {"look-up", "unique"}:
        assert outcome.count.doubled
    elif without:
        assert outcome.count.doubled or outcome.count.lost


async def test_in_discord_a_nonce_alone_does_not_keep_the_promise(tmp_path):
    faults = ("silent-accepted",)
    run = Run(4, platform="discord", faults=faults, times=4 * POSTS, haste=2 * FASTER, without="look-up")
    outcome = await carried_out(run, tmp_path)
    assert outcome.count.doubled
    assert not outcome.good


def accepted(channel, text, token):
    return Accepted(channel, token, text)


EVERYTHING = [
    accepted("C1", "Study 1, Study 2, Study 3", "a"),
    accepted("C1", "Study 1", "b"),
    accepted("C1", "Study 2", "c"),
    accepted("C1", "Study 3", "d"),
]


@pytest.mark.parametrize(
    ("record", "counted"),
    [
        (EVERYTHING, Count(4, 0, 0)),
        (EVERYTHING[1:], Count(3, 1, 0)),
        ([*EVERYTHING, EVERYTHING[2]], Count(5, 0, 1)),
        ([*EVERYTHING, accepted("C1", "Study 2", "another")], Count(5, 0, 1)),
        ([*EVERYTHING[:2], EVERYTHING[0]], Count(3, 2, 1)),
        ([], Count(0, 4, 0)),
    ],
)
def test_what_is_lost_and_doubled_is_counted_from_the_record(record, counted):
    assert count(record, ["C1"]) == counted


def outcome(lost=0, doubled=0, *, finished=True, orderly=True):
    return Outcome(Count(4, lost, doubled), {"kill": 1}, 1.0, 5, 0, 0, 0, finished, orderly)


def test_the_verdict_is_the_last_line(capsys):
    spec = importlib.util.spec_from_file_location("posts", BENCHMARK)
    posts = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(posts)
    posts.report(Run(1), outcome(lost=1, doubled=2))
    *table, last = capsys.readouterr().out.splitlines()
    assert last == "4 sent, 1 lost, 2 doubled"
    assert f"{KINDS['kill']:65}     1" in table


@pytest.mark.parametrize(
    ("came_of_it", "good"),
    [
        (outcome(), True),
        (outcome(lost=1), False),
        (outcome(doubled=1), False),
        (outcome(finished=False), False),
        (outcome(orderly=False), False),
    ],
)
def test_a_run_is_good_where_nothing_is_lost_doubled_unsettled_or_disorderly(came_of_it, good):
    assert came_of_it.good is good
