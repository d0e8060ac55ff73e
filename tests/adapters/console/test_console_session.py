import asyncio
import io
import os
import signal
import sys

import pytest
from console_samples import GENERAL, canvas, desk

from bot.domain.message import MessageRef
from bot.domain.vote import Vote
from bot.protocol.actions import CastVote, Save, TurnPage
from bot.protocol.events import ActionPressed, CommandInvoked, MessagePosted, ReactionChanged
from tests.reply_samples import REPLIES


@pytest.fixture
def at(tmp_path):
    return desk(tmp_path / "messages.jsonl")


async def enter(at, *lines):
    for line in lines:
        await at.session.enter(line)


async def test_a_command_goes_to_the_bot_and_its_answer_to_the_screen(at):
    await enter(at, "/papers search mixture of experts", "  ", "show #57")
    first, second = at.bot.events
    assert (first.name, first.arguments, first.origin.person) == ("search", "mixture of experts", "ada")
    assert (second.name, second.arguments) == ("show", "#57")
    assert "“mixture of experts”" in at.shown
    assert "Error: There is no command “show”." in at.shown


async def test_several_people_and_places_are_played(at):
    await enter(at, "/as bob admin", "/in #papers", "card", "/dm", "card", "/as eve", "card", "/who")
    places = [(event.origin.person, event.origin.channel, event.origin.admin) for event in at.bot.events]
    assert places == [("bob", "#papers", True), ("bob", "@bob", True), ("eve", "@eve", False)]
    assert "You are bob, an admin, in #papers." in at.shown
    assert "You are eve, in your direct message with the bot." in at.shown


async def test_a_reaction_is_recorded_and_told(at):
    await enter(at, "card", ":+1: 1", "/as bob", "👎 last", "-👎 1")
    events = at.bot.events[1:]
    assert [(each.origin.person, each.reaction.value, each.added) for each in events] == [
        ("ada", Vote.UP, True),
        ("bob", Vote.DOWN, True),
        ("bob", Vote.DOWN, False),
    ]
    assert all(isinstance(each, ReactionChanged) for each in events)
    assert {each.message for each in events} == {MessageRef("#general", "1")}
    assert at.surface.history.reactions(1) == {("ada", Vote.UP)}


@pytest.mark.parametrize(
    ("before", "line", "error"),
    [
        ("card", ":+1: 2", "There is no message 2 yet."),
        ("search privately", ":+1: 1", "Message 1 does not take that."),
        ("search publicly", ":+1: 1", "does not show one paper alone"),
        ("card", "-:+1: 1", "There is no 👍 of ada's on message 1."),
        ("done", "👍 last", "There is no such message here yet."),
        ("card", "/press 1 next", "Message 1 has these buttons: up, down, save"),
        ("card", "/press 1 sav", "Did you mean “save”?"),
        ("search", "/pres 1 next", "Did you mean `/press MESSAGE BUTTON`?"),
    ],
)
async def test_what_cannot_be_done_is_explained_and_never_reaches_the_bot(at, before, line, error):
    await enter(at, before)
    events = len(at.bot.events)
    await enter(at, line)
    assert error in at.shown
    assert "Error: " in at.shown
    assert len(at.bot.events) == events


async def test_other_peoples_and_other_channels_messages_are_out_of_reach(at):
    await enter(at, "search privately", "/as bob", "/press 1 next")
    assert "Only ada sees message 1." in at.shown
    await enter(at, "card", "/in #papers", "👍 2")
    assert "Message 2 is in #general, and you are not." in at.shown
    await enter(at, "/press last up", "/reply last hm")
    assert at.shown.count("There is no such message here yet.") == 2


async def test_buttons_are_pressed_by_name(at):
    await enter(at, "search privately", "card", "/press 1 UP #57", "/press last save")
    pressed = [event for event in at.bot.events if isinstance(event, ActionPressed)]
    assert [each.action for each in pressed] == [CastVote(57, Vote.UP), Save(57)]


async def test_a_press_without_a_name_lists_the_buttons(at):
    await enter(at, "card", "/press 1")
    assert "Message 1 has these buttons: up, down, save" in at.shown
    assert "Error" not in at.shown


async def test_a_turned_page_takes_the_place_of_the_list(at):
    await enter(at, "search privately", "/press 1 next")
    assert at.bot.events[-1].action == TurnPage("view", 3)
    assert "✎ [1] #general · only you see this" in at.shown
    assert "share" not in at.surface.history.message(1).draft.buttons


async def test_buttons_work_after_a_restart(at, tmp_path):
    await enter(at, "card")
    again = desk(tmp_path / "messages.jsonl")
    await enter(again, "/press 1 save")
    assert again.bot.events[-1].action == Save(57)


async def test_words_below_a_message_belong_to_its_thread(at):
    await enter(at, "discussion", "/reply 1 I like it", "/reply 2 me too", "/reply last and I")
    posted = [event for event in at.bot.events if isinstance(event, MessagePosted)]
    assert [each.message for each in posted] == [MessageRef("#general", str(n), "1") for n in (2, 3, 4)]
    record = at.surface.history
    assert [record.message(n).draft.text for n in (2, 3, 4)] == ["I like it", "me too", "and I"]
    assert "[2] in the thread of [1]" in at.shown


async def test_the_console_explains_itself(at):
    await enter(at, "/help")
    assert "/press MESSAGE BUTTON  press a button" in at.shown
    assert at.bot.events == []


async def test_a_record_that_fails_does_not_end_the_session(tmp_path):
    broken = desk(tmp_path)
    await enter(broken, "/reply 1 hm", "/who")
    assert "Error: The console's record cannot be used: [Errno 21]" in broken.shown
    assert broken.shown.endswith("You are ada, in #general.\n")


SCRIPT = """\
# A search

search privately
# expect: page 2 of 4
# expect: Sparse Experts for Long Sequences
serch
# expect error
#57
# expect error
# expect: no command “#57”
later
# expect: Nothing new since Monday.
/quit
card
"""


async def test_a_script_is_replayed_and_shown(at, capsys):
    assert await at.session.run_script(SCRIPT.splitlines(), "demo.txt") == 0
    lines = at.shown.splitlines()
    assert lines[:2] == ["# A search", "ada in #general> search privately"]
    assert "ada in #general> serch" in lines
    assert "expect" not in at.shown
    assert [event.name for event in at.bot.events] == ["search", "serch", "#57", "later"]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("serch", "demo.txt:1: `serch` came to an error"),
        ("card\n\n/press 1 foo", "demo.txt:3: `/press 1 foo` came to an error"),
        ("card\n# expect error", "demo.txt:1: an error was expected of `card`, and none came"),
        (
            "card\n# expect: Gardens\nbare_card",
            "demo.txt:2: “Gardens” was expected of `card`, which did not say it",
        ),
        ("serch\n# expect: serch", "demo.txt:1: `serch` came to an error"),
    ],
)
async def test_a_script_that_goes_otherwise_fails(at, capsys, script, complaint):
    assert await at.session.run_script(script.splitlines(), "demo.txt") == 1
    assert capsys.readouterr().err == complaint + "\n"


async def test_all_that_goes_otherwise_is_told(at, capsys):
    script = ["serch", "card", "# expect: a", "# expect: xyzzy", "done", "# expect error"]
    assert await at.session.run_script(script, "demo.txt") == 1
    assert [line.split(":")[1] for line in capsys.readouterr().err.splitlines()] == ["1", "4", "5"]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("# expect: x", "line 1: there is no line above"),
        ("# note\n# expect error", "line 2: there is no line above"),
        ("card\n# expect", "line 2: write `# expect: TEXT`"),
        ("card\n# expect:  ", "line 2: write `# expect: TEXT`"),
        ("card\n# expected: x", "line 2: write `# expect: TEXT`"),
    ],
)
async def test_a_script_that_makes_no_sense_does_not_run(at, capsys, script, complaint):
    assert await at.session.run_script(script.splitlines(), "demo.txt") == 2
    assert complaint in capsys.readouterr().err
    assert at.bot.events == []


async def test_an_expectation_is_met_wherever_lines_break(tmp_path):
    narrow = desk(tmp_path / "messages.jsonl", canvas(40))
    script = ["card", "# expect: Sparse Experts for Long Sequences: a Study of Routing under Pressure"]
    assert await narrow.session.run_script(script, "demo.txt") == 0


async def test_a_pipe_is_read_like_a_script_without_expectations(at, monkeypatch, tmp_path):
    raw = io.BytesIO("# hello\ncard\n\nserch \xff\n/quit\ncard\n".encode("latin-1"))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(raw, encoding="utf-8"))
    await at.session.run(tmp_path / "typed")
    assert [event.name for event in at.bot.events] == ["card", "serch"]
    assert at.shown.startswith("# hello\nada in #general> card\n[1] #general\n")


async def test_a_pipe_may_end_without_a_word(at, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO("card"))
    await at.session.run(tmp_path / "typed")
    assert isinstance(at.bot.events[0], CommandInvoked)


async def test_a_post_from_outside_stands_on_the_same_screen(at):
    await at.surface.send(GENERAL, REPLIES["digest"], "t", None)
    await enter(at, "/in #papers")
    assert "[1] #general\nPapers for Wed 25 Nov 2026" in at.shown


async def test_the_person_is_whoever_has_logged_in(tmp_path, monkeypatch):
    for variable in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.setenv(variable, "zoe")
    session = desk(tmp_path / "messages.jsonl")
    anybody = type(session.session)(
        session.bot.receive, session.surface, {}, session.bot.settle, session.session._operator
    )
    await anybody.enter("/who")
    assert "You are zoe, in #general." in session.shown
    assert os.environ["USER"] == "zoe"


async def test_the_operator_takes_files_in_and_posts_ahead(tmp_path):
    at = desk(tmp_path / "messages.jsonl")
    await enter(at, "/in #papers", "/import refs.bib", "/post", "/import refs.doc")
    assert "refs.bib: 3 papers, 2 bad lines\nline 2: It has no title.\nline 7: It" in at.shown
    assert "#papers: posted now" in at.shown
    assert "refs.doc cannot be read" in at.shown


async def test_ctrl_c_stops_the_command_that_is_under_way(at, monkeypatch):
    started = asyncio.Event()

    async def hangs(*_):
        started.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(at.session, "_receive", hangs)
    entering = asyncio.create_task(at.session._enter_until_interrupted("search slow papers"))
    await started.wait()
    os.kill(os.getpid(), signal.SIGINT)
    await entering
    assert at.shown.rstrip().endswith("Stopped.")
    monkeypatch.undo()
    await at.session._enter_until_interrupted("search mixture of experts")
    assert "“mixture of experts”" in at.shown
