"""One grammar for what people type, whatever surface they type it on."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.commands import COMMANDS
from bot.commands.ask import QUESTION
from bot.commands.search import IS, QUERY, SINCE
from bot.commands.subscribe import DAYS, MIN_VOTES, TOP, TOPIC
from bot.commands.vote import VALUE
from bot.conversation.parameters import CATEGORIES, PAPER, POST_AT, TIMEZONE
from bot.domain.errors import UserError
from bot.domain.subscription import Weekday
from bot.domain.vote import Vote
from bot.protocol.arguments import OPERATORS, _from_text, did_you_mean, read_arguments, split_command

TABLE = {command.name: command for command in COMMANDS}


def test_a_line_is_a_name_and_the_rest():
    assert split_command("  Search  mixture of  experts ") == ("search", "mixture of  experts")
    assert split_command("help") == ("help", "")
    assert split_command("search\tmixture\nof experts") == ("search", "mixture\nof experts")
    assert split_command(" ") == ("", "")


def test_words_quotes_and_keys_are_told_apart():
    read = TABLE["search"].read("long “context window” +cat:cs.cl cat:stat.ML since:30d is:Unread")
    assert read.need(QUERY) == "long context window"
    assert read.get(CATEGORIES) == {"cs.CL", "stat.ML"}
    assert read.get(SINCE) == "30d"
    assert read.get(IS) == "unread"


def test_subscribe_takes_all_its_options():
    read = TABLE["subscribe"].read("vision transformers min:3 top:2 at:18:30 tz:paris days:mon-fri")
    assert read.need(TOPIC) == "vision transformers"
    assert (read.get(MIN_VOTES), read.get(TOP)) == (3, 2)
    assert str(read.get(POST_AT)) == "18:30:00"
    assert read.get(TIMEZONE) == "Europe/Paris"
    assert read.get(DAYS) == frozenset(Weekday) - {Weekday.SAT, Weekday.SUN}


@pytest.mark.parametrize(
    ("text", "paper", "vote"),
    [
        ("#57", "#57", None),
        ("#57 down", "#57", Vote.DOWN),
        ("up #57", "#57", Vote.UP),
        ("57 +1", "57", Vote.UP),
        ("scaling up transformers none", "scaling up transformers", Vote.NONE),
        ("paper:#57 value:down", "#57", Vote.DOWN),
        ("paper:scaling up transformers", "scaling up transformers", None),
    ],
)
def test_a_choice_stands_before_or_behind_the_words(text, paper, vote):
    read = TABLE["vote"].read(text)
    assert read.need(PAPER) == paper
    assert read.get(VALUE) == vote


@pytest.mark.parametrize(
    ("command", "text", "told"),
    [
        ("search", "", "what to look for"),
        ("search", "moe sinse:3d", "Did you mean “since:”?"),
        ("search", "moe since:", "needs a value"),
        ("search", "moe since:whenever", "since: it takes a day"),
        ("search", '"open', "quotation mark"),
        ("search", "moe page:0", "from 1 to 1000"),
        ("subscribe", "moe min:3 min:4", "`min:` is there twice"),
        ("search", "x" * 2001, "2000 characters"),
        ("subscribe", "moe top:0", "from 1 to 20"),
        ("subscribe", "moe tz:Europe/Pariss", "Did you mean “Europe/Paris”?"),
        ("subscribe", "moe days:funday", "mon-fri"),
        ("subscribe", "moe at:25:00", "09:00"),
        ("subscribe", "moe cat:???", "cs.CL"),
        ("settings", "layout:treaded", "Did you mean “threaded”?"),
        ("top", "wek", "Did you mean “week”?"),
        ("subscriptions", "pause:x", "whole number"),
    ],
)
def test_what_does_not_fit_is_answered_with_what_would(command, text, told):
    with pytest.raises(UserError) as error:
        TABLE[command].read(text)
    assert told in str(error.value)


def test_what_begins_with_a_quotation_mark_is_no_key():
    assert TABLE["search"].read('"since:2d" things').need(QUERY) == "since:2d things"
    assert TABLE["search"].read('"sinse:2d"').need(QUERY) == "sinse:2d"
    typed = TABLE["search"].read({"query": "min: SAM: anything"})
    assert TABLE["search"].read(typed.text).need(QUERY) == "min: SAM: anything"


@pytest.mark.parametrize(
    ("command", "text", "told"),
    [
        ("search", "author:Bengio", "There is no `author:` here"),
        ("search", "author: Bengio", "There is no `author:` here"),
        ("subscribe", "author:Bengio", "There is no `author:` here"),
        ("subscribe", "moe has:code", "There is no `has:` here"),
        ("subscribe", "moe page:2", "There is no `page:` here"),
        ("search", "title:reward", "There is no `title:` here"),
        ("search", "year=2024 moe", "There is no `year=` here"),
        ("subscribe", "moe top=3", "Please write `top:3`"),
        ("search", "reward -model", "can't leave words out"),
        ("search", 'reward -"a model"', "can't leave words out"),
        ("search", "moe untill:2026", "Did you mean “until:”?"),
        ("subscribe", "moe unitl:2026", "There is no “unitl:” here"),
        ("search", "moe autor:Bengio", "There is no “autor:” here"),
        ("subscribe", "moe daily at 9am", "says when to post"),
        ("subscribe", "the", "no paper could be about it"),
        ("subscribe", "moe at:9 o'clock", "“o'clock” stands behind `at:`"),
        ("subscribe", "moe cat:cs.CL kettles", "“kettles” stands behind `cat:`"),
        ("search", "moe since:30d inference", "“inference” stands behind `since:`"),
    ],
)
def test_what_a_command_does_not_have_is_refused_and_never_taken_for_words(command, text, told):
    with pytest.raises(UserError) as error:
        TABLE[command].read(text)
    assert told in str(error.value)


@pytest.mark.parametrize("words", ["author:Bengio", "reward -model", "moe top=3"])
def test_a_typed_option_is_held_to_the_same(words):
    with pytest.raises(UserError):
        TABLE["search"].read({"query": words})
    with pytest.raises(UserError, match="use the option since"):
        TABLE["search"].read({"query": "moe since:30d"})
    assert TABLE["unsubscribe"].read({"topic": words}).text == f'"{words}"'


@pytest.mark.parametrize(
    "words",
    [
        "Mamba:linear time",
        "SAM: segment anything",
        "CoT: chain of thought",
        "k=5 nearest neighbours",
        "c++ NEAR(reward model)",
        "mixture-of-experts",
        "e=mc2",
        "https://a.org/x?page=3",
        "- a dash",
        "GPT-4:mini",
    ],
)
def test_everything_else_stays_words(words):
    assert TABLE["search"].read(words).need(QUERY) == words


@pytest.mark.parametrize(
    ("command", "text", "expected"),
    [
        ("subscribe", "moe at:6:30 pm", {"topic": "moe", "at": "6:30 pm"}),
        ("subscribe", "moe at:9 am tz:new york", {"topic": "moe", "at": "9 am", "tz": "new york"}),
        ("subscribe", "kettles cat:cs.CL, cs.LG", {"topic": "kettles", "cat": "cs.CL, cs.LG"}),
        ("subscribe", "kettles days:mon, wed fri", {"topic": "kettles", "days": "mon, wed fri"}),
        ("search", "cat:cs.CL mixture of experts", {"query": "mixture of experts", "cat": "cs.CL"}),
        ("search", "moe since:17 Apr 2026", {"query": "moe", "since": "17 Apr 2026"}),
        ("add", "https://a.org/x title:A fifth paper", {"link": "https://a.org/x", "title": "A fifth paper"}),
        ("add", 'title:"A fifth" https://a.org/x', {"link": "https://a.org/x", "title": "A fifth"}),
        ("discuss", "#5 say:worth a read?", {"paper": "#5", "say": "worth a read?"}),
        ("subscribe", "topic: moe", {"topic": "moe"}),
    ],
)
def test_words_behind_a_key_belong_to_it_as_far_as_they_can_be_read(command, text, expected):
    assert _from_text(text, TABLE[command].parameters, "") == expected


def test_every_parameter_is_an_operator():
    assert {each.name for command in COMMANDS for each in command.parameters} <= OPERATORS


def test_links_and_colons_in_words_stay_words():
    assert TABLE["search"].read("https://a.org/x since:2d").need(QUERY) == "https://a.org/x"
    assert TABLE["search"].read("LLaMA: open models").need(QUERY) == "LLaMA: open models"


def test_typed_options_come_out_as_the_same_values_and_as_text():
    typed = TABLE["search"].read({"query": 'long "context"', "cat": "cs.CL", "since": "30d"})
    again = TABLE["search"].read(typed.text)
    assert again.need(QUERY) == "long context"
    assert again.get(CATEGORIES) == typed.get(CATEGORIES) == {"cs.CL"}
    assert again.get(SINCE) == typed.get(SINCE)


def test_a_near_word_is_proposed_and_a_far_one_is_not():
    assert did_you_mean("serch", list(TABLE)) == " Did you mean “search”?"
    assert did_you_mean("xylophone", list(TABLE)) == ""


@given(st.text(max_size=80), st.sampled_from(COMMANDS))
def test_no_text_breaks_the_reader(text, command):
    with contextlib.suppress(UserError):
        read_arguments(text, command.parameters, command.usage)


@pytest.mark.parametrize(
    ("typed", "paper", "question"),
    [
        ("#57 how large is the model?", "#57", "how large is the model?"),
        ('"attention is all you need" how many heads', "attention is all you need", "how many heads"),
        ('57 "how many" heads', "57", "how many heads"),
        ("https://arxiv.org/abs/2406.01234 why: cost?", "https://arxiv.org/abs/2406.01234", "why: cost?"),
    ],
)
def test_the_last_of_several_takes_all_words_that_are_left(typed, paper, question):
    read = TABLE["ask"].read(typed)
    assert (read.need(PAPER), read.need(QUESTION)) == (paper, question)
    again = TABLE["ask"].read(TABLE["ask"].read({"paper": paper, "question": question}).text)
    assert (again.need(PAPER), again.need(QUESTION)) == (paper, question)


@pytest.mark.parametrize(
    "command",
    [each for each in COMMANDS if [one for one in each.parameters if one.positional and not one.choices]],
    ids=lambda command: command.name,
)
def test_what_takes_words_takes_all_of_them(command):
    words = [each for each in command.parameters if each.positional and not each.choices]
    raw = _from_text('two "or more" words here', command.parameters, command.usage)
    if len(words) == 1:
        assert raw == {words[0].name: "two or more words here"}
    else:
        assert raw == {words[0].name: "two", words[1].name: "or more words here"}


def test_each_of_several_is_asked_for():
    with pytest.raises(UserError, match="what you want to know"):
        TABLE["ask"].read("#57")
    with pytest.raises(UserError, match="which paper"):
        TABLE["ask"].read("")
