import json
import multiprocessing
from datetime import timedelta

import pytest

from adapters.console.outbound.history import Draft, History
from bot.domain.message import MessageRef
from bot.domain.vote import Vote
from tests.reply_samples import NOW


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "messages.jsonl"


def draft(text="hello", **more):
    return Draft(more.pop("channel", "#general"), "paperclub", NOW, text, **more)


def test_what_is_written_is_there_after_a_restart(path):
    history = History(path)
    first = history.post(draft(token="t1", buttons={"save": "save:57"}, reader="ada"))
    second = history.post(draft("world", thread="1"))
    history.edit(1, "bye", {"next": "page:v:2"})
    history.react(2, "ada", Vote.UP, added=True)
    history.react(2, "ada", Vote.DOWN, added=True)
    history.react(2, "ada", Vote.UP, added=False)
    again = History(path)
    assert (first.number, second.number) == (1, 2)
    assert second.ref == MessageRef("#general", "2", "1")
    assert again.message(1).draft == draft("bye", token="t1", buttons={"next": "page:v:2"}, reader="ada")
    assert [each.number for each in again.latest()] == [2, 1]
    assert again.reactions(2) == {("ada", Vote.DOWN)}
    assert again.reactions(1) == frozenset()
    assert again.post(draft()).number == 3


def test_an_empty_record_has_no_messages(path):
    history = History(path)
    assert history.message(1) is None
    assert history.message(0) is None
    assert list(history.latest()) == []


def test_another_process_is_heard(path):
    one, other = History(path), History(path)
    one.post(draft("one"))
    assert other.post(draft("other")).number == 2
    assert one.message(2).draft.text == "other"
    assert one.post(draft()).number == 3


def test_a_torn_last_line_is_ignored_and_swallows_nothing(path):
    history = History(path)
    history.post(draft("whole"))
    torn = json.dumps({"kind": "message", "id": "x", "channel": "#general"})[:30]
    with path.open("a") as file:
        file.write(torn)
    again = History(path)
    assert again.message(2) is None
    message = again.post(draft("after"))
    assert (message.number, message.draft.text) == (2, "after")
    assert history.message(2) == message
    assert [each.draft.text for each in History(path).latest()] == ["after", "whole"]


@pytest.mark.parametrize(
    "line",
    [
        "not json",
        "[]",
        "{}",
        '{"kind": "message", "id": "x"}',
        '{"kind": "edit", "id": "x", "message": 9, "text": "", "buttons": {}}',
        '{"kind": "edit", "id": "x", "message": 0, "text": "", "buttons": {}}',
        '{"kind": "reaction", "id": "x", "message": 1, "person": "a", "vote": 7, "added": true}',
        '{"kind": "something new", "id": "x"}',
        "\xff\xfe",
    ],
)
def test_lines_that_make_no_sense_are_passed_over(path, line):
    history = History(path)
    first = history.post(draft())
    with path.open("ab") as file:
        file.write(line.encode("latin-1") + b"\n")
    assert History(path).message(1) == first
    assert History(path).post(draft("next")).number == 2


def test_a_record_that_cannot_be_written_is_noticed(tmp_path):
    with pytest.raises(OSError, match="directory"):
        History(tmp_path).post(draft())


def _append(path, name, count):
    history = History(path)
    for index in range(count):
        text = f"{name}-{index} " + "x" * 5000
        message = history.post(draft(text))
        assert message.draft.text == text


def test_processes_append_at_the_same_time(path):
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_append, args=(path, name, 50)) for name in ("a", "b", "c")]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0, 0, 0]
    messages = list(History(path).latest())
    assert [each.number for each in messages] == list(range(150, 0, -1))
    for name in ("a", "b", "c"):
        own = [each.draft.text.split()[0] for each in reversed(messages) if each.draft.text.startswith(name)]
        assert own == [f"{name}-{index}" for index in range(50)]


def test_times_keep_their_zone(path):
    later = NOW + timedelta(microseconds=1)
    History(path).post(Draft("#general", "paperclub", later, "x"))
    assert History(path).message(1).draft.at == later
