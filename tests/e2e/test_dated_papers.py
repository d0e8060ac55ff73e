"""Trending papers of a day, a week or a month, and the steps from one to the next."""

from datetime import date, timedelta

import pytest

from bot.domain.history import Activity
from bot.domain.paper import PaperDraft
from bot.domain.period import Period, PeriodLength
from bot.domain.trending import rank
from bot.domain.vote import Vote
from bot.protocol.actions import CastVote, StepTo, TurnPage
from bot.protocol.arguments import SuggestionKind
from bot.protocol.replies import Leaderboard, Notice, Tone
from tests.e2e.test_asking import suggested

FRIDAY = date(2026, 4, 17)


def listed(title: str, day: date | None, **fields: object) -> PaperDraft:
    return PaperDraft(title, f"It is about {title}.", "huggingface", listed=day, **fields)


@pytest.fixture
async def dated(world):
    """Papers of two Fridays in April and of a day in May, beside today's."""
    await world.parts.library.add(
        [
            listed("Friday's best", FRIDAY, upvotes=12, submitted_by="AK"),
            listed("Friday's next", FRIDAY, upvotes=3, submitted_by="taesiri"),
            listed("Friday's last", FRIDAY, submitted_by="AK and the research community"),
            listed("Of Monday", date(2026, 4, 13), upvotes=9),
            listed("A week before", date(2026, 4, 10), upvotes=400, submitted_by="zoe"),
            listed("Of May", date(2026, 5, 5)),
            listed("Dated ahead", date(2027, 2, 1)),
        ]
    )
    return world


def titles(board: Leaderboard) -> list[str]:
    return [row.paper.title for row in board.rows]


async def test_a_day_has_the_papers_that_were_listed_on_it(dated):
    ada = dated.person("ada")
    for line in ("trending 2026-04-17", "trending 17 Apr", "trending period:2026-04-17"):
        board = await ada.says(line)
        assert isinstance(board, Leaderboard)
        assert titles(board) == ["Friday's best", "Friday's next", "Friday's last"]
    assert board.heading == "Trending, Fri 17 Apr 2026"
    assert (board.dates.first, board.dates.last) == (FRIDAY, FRIDAY)
    assert board.dates.submitters == ("AK", "taesiri")
    assert [each.name for each in board.dates.steps] == ["2026-04-13", "2026-05-05"]
    assert "by AK, taesiri and the community" in dated.shown
    assert "Earlier: 13 Apr · Later: 5 May" in dated.shown


async def test_a_week_and_a_month_are_ranked_as_on_their_last_day(dated):
    ada = dated.person("ada")
    week = await ada.says("trending 2026-W16")
    assert titles(week) == ["Friday's best", "Friday's next", "Friday's last", "Of Monday"]
    assert [row.day for row in week.rows[2:]] == [FRIDAY, date(2026, 4, 13)]
    assert [each.name for each in week.dates.steps] == ["2026-W15", "2026-W19"]
    month = await ada.says("trending 2026-04")
    assert titles(month)[0] == "A week before"
    assert (month.dates.first, month.dates.last) == (date(2026, 4, 1), date(2026, 4, 30))
    assert [each.name for each in month.dates.steps] == ["2026-05"]
    assert month.heading == "Trending, April 2026"
    scored = [Activity(row.paper.id, row.day, row.upvotes, row.tally, row.comments) for row in month.rows]
    assert rank(scored, date(2026, 4, 30)) == scored


async def test_the_teams_votes_count_in_a_period_that_is_over(dated):
    ada = dated.person("ada")
    last = (await ada.says("trending 2026-04-17")).rows[-1].paper.id
    await ada.presses(CastVote(last, Vote.UP))
    board = await ada.says("trending 2026-04-17")
    assert [row.tally.up for row in board.rows if row.paper.id == last] == [1]
    assert titles(board)[0] == "Friday's last"


async def test_a_button_steps_to_the_next_day_in_the_same_message(dated):
    ada = dated.person("ada")
    board = await ada.says("trending 2026-04-17")
    assert isinstance(board, Leaderboard)
    shown = len(list(dated.surface.history.latest()))
    before = await ada.presses(StepTo(board.dates.earlier))
    assert titles(before) == ["Of Monday"]
    assert len(list(dated.surface.history.latest())) == shown, "no further message"
    back = await ada.presses(StepTo(before.dates.later))
    assert titles(back) == titles(board)


async def test_the_last_days_lead_to_the_dates_before_them(dated):
    board = await dated.person("ada").says("trending")
    assert board.heading == "Trending, this week"
    assert len(board.rows) == 5
    assert (board.dates.first, board.dates.last) == (date(2026, 11, 16), date(2026, 11, 23))
    assert [each.name for each in board.dates.steps] == ["2026-W19"], "nothing of what is still to come"
    assert board.dates.submitters == ()


async def test_a_day_without_papers_leads_to_those_that_have_some(dated):
    board = await dated.person("ada").says("trending 2026-04-18")
    assert isinstance(board, Leaderboard)
    assert (board.rows, [each.name for each in board.dates.steps]) == ((), ["2026-04-17", "2026-05-05"])
    assert "I have no papers from then." in dated.shown


@pytest.mark.parametrize(
    ("period", "told"),
    [
        (
            "2026-13",
            "there is no such day, week or month; it takes today, week, month, a day such as 2026-04-17",
        ),
        ("2026-W54", "there is no such day, week or month"),
        ("2026-02-30", "a week such as 2026-W16, or a month such as 2026-04"),
        ("2027-01-05", "2027-01-05 is still to come. Try `trending 2026-11-23`, or an earlier day."),
        ("2026-W50", "2026-W50 is still to come. Try `trending 2026-W48`, or an earlier week."),
        ("2027-02", "Try `trending 2026-11`, or an earlier month."),
        ("2026", "it takes today, week, month"),
        ("wek", "Did you mean “week”?"),
        ("soon", "a day such as 2026-04-17 or yesterday"),
    ],
)
async def test_a_period_that_is_none_is_told_with_what_there_is(dated, period, told):
    notice = await dated.person("ada").says(f"trending {period}")
    assert isinstance(notice, Notice)
    assert notice.tone is Tone.ERROR
    assert told in notice.text


async def test_the_pages_of_a_day_stay_that_days(world):
    day = world.clock.now().date() - timedelta(days=1)
    await world.parts.library.add([listed(f"Kettle number {number}", day) for number in range(12)])
    ada = world.person("ada")
    first = await ada.says("trending yesterday")
    assert len(first.rows) == 10
    world.clock.forward(days=3)
    second = await ada.presses(TurnPage(first.pages.list_id, 2))
    assert second.heading == first.heading
    assert not set(titles(first)) & set(titles(second))
    assert len(second.rows) == 2


async def test_what_a_team_added_is_trending_for_itself_alone(world):
    ada = world.person("ada")
    await ada.says("add https://example.org/new title:Our own kettle")
    assert "Our own kettle" in titles(await ada.says("trending 2026-11-23"))
    async with world.parts.store.writing() as tx:
        elsewhere = (await tx.directory.resolve(_elsewhere(ada.user.origin), world.clock.now())).team_id
        found = await tx.papers.activity_between(elsewhere, date(2026, 11, 23), date(2026, 11, 23), 99)
    assert len(found) == 4


def _elsewhere(origin):
    return type(origin)(origin.platform, "elsewhere", "#general", "bob")


async def test_periods_are_suggested_while_they_are_typed(world):
    ada = world.person("ada")
    at_first = await suggested(ada, SuggestionKind.PERIOD)
    assert at_first[:5] == ["today", "week", "month", "2026-11-23", "2026-11-22"]
    assert {"2026-W48", "2026-11"} <= set(at_first)
    assert await suggested(ada, SuggestionKind.PERIOD, "2026-W4")
    assert (await suggested(ada, SuggestionKind.PERIOD, "2026-04-1"))[0] == "2026-04-01"
    assert await suggested(ada, SuggestionKind.PERIOD, "17 Apr") == ["2026-04-17"]
    assert await suggested(ada, SuggestionKind.PERIOD, "2027-01-01") == []
    assert "week" in await suggested(ada, SuggestionKind.PERIOD, "WE")


def test_periods_have_names_that_lead_back_to_them():
    assert Period.of(FRIDAY, PeriodLength.WEEK).name == "2026-W16"
