"""Buttons: every action comes back from its token."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.conversation.buttons import as_command
from bot.domain.errors import UserError
from bot.domain.period import Period, PeriodLength
from bot.domain.vote import Vote
from bot.protocol import actions

NUMBERS = st.integers(1, 2**63 - 1)
VIEWS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=12, max_size=12)
AS_COMMANDS = st.one_of(
    st.builds(actions.Save, NUMBERS),
    st.builds(actions.Summarize, NUMBERS),
    st.builds(actions.Discuss, NUMBERS),
    st.builds(actions.Related, NUMBERS),
    st.builds(actions.Show, NUMBERS),
    st.builds(actions.PauseSubscription, st.integers(1, 10**9 - 1), st.booleans()),
    st.builds(actions.EndSubscription, NUMBERS),
    st.builds(actions.StepTo, st.builds(Period.of, st.dates(), st.sampled_from(PeriodLength))),
)
ACTIONS = AS_COMMANDS | st.one_of(
    st.builds(actions.CastVote, NUMBERS, st.sampled_from(Vote)),
    st.builds(actions.TurnPage, VIEWS, NUMBERS),
    st.builds(actions.Share, VIEWS, NUMBERS),
)


@given(ACTIONS)
def test_a_token_is_short_and_comes_back(action):
    token = actions.to_token(action)
    assert len(token) <= actions.TOKEN_LIMIT
    assert actions.from_token(token) == action


@pytest.mark.parametrize(
    "token",
    [
        "",
        "vote",
        "vote:1",
        "vote:x:1",
        "vote:1:7",
        "burn:1",
        "save:1:2",
        "save:-1",
        "save:\u0663",
        "save:9223372036854775808",
        "trending:2026-13",
        "trending:2026-W54",
        "trending:2026-02-30",
        "trending:today",
    ],
)
def test_a_strange_token_is_told_to_the_person(token):
    with pytest.raises(UserError, match="older version"):
        actions.from_token(token)


@given(AS_COMMANDS)
def test_buttons_that_are_commands_carry_arguments_the_command_reads(action):
    table = {command.name: command for command in COMMANDS}
    name, given_options = as_command(action)
    assert table[name].read(given_options)
