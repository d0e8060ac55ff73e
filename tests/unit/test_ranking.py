"""Trending, and sharing papers out among topics."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.channel import Person
from bot.domain.history import Activity
from bot.domain.paper import Match
from bot.domain.subscription import Slot, Subscription, SubscriptionSpec
from bot.domain.trending import rank, score
from bot.domain.vote import TallyCount
from bot.posting.matcher import assign_papers

TODAY = date(2026, 11, 24)
ACTIVITIES = st.builds(
    Activity,
    st.integers(1, 1000),
    st.dates(date(2026, 10, 1), TODAY),
    st.integers(0, 500),
    st.builds(TallyCount, st.integers(0, 20), st.integers(0, 20)),
    st.integers(0, 50),
)


@given(ACTIVITIES)
def test_more_liking_and_talk_never_lowers_a_score(activity):
    liked = Activity(
        activity.paper_id,
        activity.day,
        activity.upvotes + 1,
        TallyCount(activity.tally.up + 1, activity.tally.down),
        activity.comments + 1,
    )
    assert score(liked, TODAY) > score(activity, TODAY)


def test_age_lets_a_paper_sink():
    old, new = Activity(1, date(2026, 11, 10), 50), Activity(2, date(2026, 11, 23), 50)
    assert [each.paper_id for each in rank([old, new], TODAY)] == [2, 1]


@given(ACTIVITIES, st.integers(1, 400))
def test_age_never_raises_a_score(activity, days):
    assert score(activity, TODAY + timedelta(days=days)) <= score(activity, TODAY)


def test_the_score_is_the_documented_one():
    activity = Activity(1, date(2026, 11, 17), 30, TallyCount(4, 1), 5)
    assert score(activity, TODAY) == pytest.approx((1 + 30 / 10 + 2 * 4 - 1 + 5) / 9**1.5)
    assert score(Activity(1, TODAY, 0, TallyCount(0, 9)), TODAY) == -8


def test_what_is_disliked_stays_below_what_nobody_has_seen():
    old = Activity(1, date(2026, 10, 1), 0, TallyCount(0, 3))
    unseen = Activity(2, date(2026, 10, 1))
    new = Activity(3, TODAY, 0, TallyCount(0, 3))
    assert [each.paper_id for each in rank([old, new, unseen], TODAY)] == [2, 3, 1]


def test_a_team_counts_for_more_than_the_source():
    ours, theirs = Activity(1, TODAY, 0, TallyCount(3)), Activity(2, TODAY, 50)
    assert [each.paper_id for each in rank([theirs, ours], TODAY)] == [1, 2]


def test_a_down_vote_counts_against():
    plain, disliked = Activity(1, TODAY), Activity(2, TODAY, 0, TallyCount(0, 1))
    assert [each.paper_id for each in rank([disliked, plain], TODAY)] == [1, 2]


def _subscription(number: int, top: int) -> Subscription:
    wanted = SubscriptionSpec(f"topic {number}", Slot(time(9), "UTC"), top=top)
    return Subscription(number, 1, 1, wanted, Person(1, 1, "ada", "ada"), datetime(2026, 1, 1, tzinfo=UTC))


def test_a_paper_goes_to_the_topic_that_it_fits_best():
    items = assign_papers(
        [
            (_subscription(1, 5), [Match(10, 0.6), Match(11, 0.5)]),
            (_subscription(2, 5), [Match(10, 0.9)]),
        ]
    )
    assert [(item.subscription_id, item.paper_id) for item in items] == [(1, 11), (2, 10)]


def test_a_full_topic_leaves_a_paper_to_the_next():
    items = assign_papers(
        [
            (_subscription(1, 1), [Match(10, 0.9), Match(11, 0.8)]),
            (_subscription(2, 5), [Match(11, 0.7)]),
        ]
    )
    assert [(item.subscription_id, item.paper_id) for item in items] == [(1, 10), (2, 11)]


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.lists(st.builds(Match, st.integers(1, 9), st.floats(0, 1)))),
        max_size=4,
    )
)
def test_no_paper_twice_and_no_topic_over_its_top(offers):
    fitting = [(_subscription(place, top), matches) for place, (top, matches) in enumerate(offers)]
    items = assign_papers(fitting)
    papers = [item.paper_id for item in items]
    assert len(papers) == len(set(papers))
    for subscription, _ in fitting:
        assert sum(item.subscription_id == subscription.id for item in items) <= subscription.spec.top
