from dataclasses import replace
from datetime import timedelta

import pytest
from console_samples import GENERAL, StoppedClock, canvas, desk

from adapters.console import CONSOLE
from adapters.console.outbound.conversation import ConsoleConversation
from adapters.console.outbound.history import Draft, History
from adapters.console.outbound.screen import Screen
from adapters.console.outbound.surface import ConsoleSurface
from adapters.console.user import ConsoleUser
from bot.domain.errors import DeliveryUnknown, NotSent, PermanentFailure
from bot.domain.message import Ephemeral, MessageRef
from bot.domain.vote import PaperStatus, TallyCount
from bot.ports.surface import Conversation, Surface
from bot.protocol.replies import PaperCard
from tests.reply_samples import MARKS, NOW, PAPER, REPLIES


@pytest.fixture
def surface(tmp_path):
    return desk(tmp_path / "messages.jsonl").surface


def shown(surface):
    return surface.screen.console.export_text()


async def test_it_is_a_surface_as_the_core_knows_them(surface):
    as_port: Surface = surface
    conversation: Conversation = ConsoleConversation(surface, ConsoleUser("ada"))
    assert as_port.platform is CONSOLE
    assert await conversation.reply(REPLIES["card"], private=False) == MessageRef("#general", "1")


async def test_what_was_sent_is_found_by_its_token_also_after_a_restart(surface, tmp_path):
    root = await surface.send(GENERAL, REPLIES["digest"], "token-0", None)
    part = await surface.send(GENERAL, REPLIES["card"], "token-1", root)
    assert (root, part) == (MessageRef("#general", "1"), MessageRef("#general", "2", "1"))
    assert "[2] #general · in the thread of [1]" in shown(surface)
    again = ConsoleSurface(History(tmp_path / "messages.jsonl"), Screen(canvas()), StoppedClock())
    assert await again.find(GENERAL, "token-0", NOW, None) == root
    assert await again.find(GENERAL, "token-1", NOW, root) == part


async def test_what_is_not_there_is_not_found(surface):
    root = await surface.send(GENERAL, REPLIES["digest"], "token-0", None)
    elsewhere = replace(GENERAL, external_id="#papers")
    assert await surface.find(GENERAL, "other", NOW, None) is None
    assert await surface.find(GENERAL, "token-0", NOW + timedelta(hours=1), None) is None
    assert await surface.find(GENERAL, "token-0", NOW, root) is None
    assert await surface.find(elsewhere, "token-0", NOW, None) is None


async def test_a_message_that_was_recorded_but_never_shown_is_found(surface, tmp_path):
    History(tmp_path / "messages.jsonl").post(Draft("#general", "paperclub", NOW, "x", token="token-0"))
    assert await surface.find(GENERAL, "token-0", NOW, None) == MessageRef("#general", "1")


async def test_a_record_that_fails_is_told_as_the_core_expects(tmp_path):
    broken = ConsoleSurface(History(tmp_path), Screen(canvas()), StoppedClock())
    with pytest.raises(DeliveryUnknown):
        await broken.find(GENERAL, "token", NOW, None)
    with pytest.raises(NotSent):
        await broken.send(GENERAL, REPLIES["card"], "token", None)
    assert shown(broken) == ""


async def test_a_changed_tally_is_one_line(surface):
    ref = await surface.send(GENERAL, REPLIES["card"], "t", None)
    shown(surface)
    await surface.replace(GENERAL, ref, PaperCard(PAPER, PaperStatus(TallyCount(3, 1), discussed=True)))
    assert (
        shown(surface) == "✎ [1] #57 Sparse Experts for Long Sequences: a Study of…  👍 3 👎 1 · discussed\n"
    )


async def test_what_has_not_changed_is_not_told(surface, tmp_path):
    ref = await surface.send(GENERAL, REPLIES["card"], "t", None)
    shown(surface)
    size = (tmp_path / "messages.jsonl").stat().st_size
    await surface.replace(GENERAL, ref, REPLIES["card"])
    assert shown(surface) == ""
    assert (tmp_path / "messages.jsonl").stat().st_size == size


@pytest.mark.parametrize("number", ["2", "0", "x", "-1", "1.5"])
async def test_a_message_that_is_gone_cannot_be_redrawn(surface, number):
    await surface.send(GENERAL, REPLIES["card"], "t", None)
    with pytest.raises(PermanentFailure):
        await surface.replace(GENERAL, MessageRef("#general", number), REPLIES["card"])


async def test_a_message_of_another_channel_cannot_be_redrawn(surface):
    ref = await surface.send(GENERAL, REPLIES["card"], "t", None)
    with pytest.raises(PermanentFailure):
        await surface.replace(replace(GENERAL, external_id="#papers"), ref, REPLIES["card"])


async def test_a_private_answer_is_marked_and_cannot_be_looked_up(surface):
    conversation = ConsoleConversation(surface, ConsoleUser("ada"))
    assert await conversation.reply(REPLIES["search"], private=True) == Ephemeral()
    assert shown(surface).startswith("[1] #general · only you see this\n")
    assert surface.history.message(1).draft.reader == "ada"


async def test_a_private_answer_without_buttons_takes_no_number(surface):
    conversation = ConsoleConversation(surface, ConsoleUser("ada"))
    assert await conversation.reply(REPLIES["done"], private=True) == Ephemeral()
    assert shown(surface) == "Done: Saved.\n\n"
    assert surface.history.message(1) is None


async def test_in_ones_own_talk_a_private_answer_is_a_message(surface):
    conversation = ConsoleConversation(surface, ConsoleUser("ada").in_channel(None))
    assert await conversation.reply(REPLIES["search"], private=True) == MessageRef("@ada", "1")
    assert "only you" not in shown(surface)


async def test_a_pressed_message_is_redrawn(surface):
    user = ConsoleUser("ada")
    await ConsoleConversation(surface, user).reply(REPLIES["search"], private=True)
    shown(surface)
    pressed = surface.history.message(1)
    await ConsoleConversation(surface, user, button_message=pressed).replace(REPLIES["leaderboard"])
    assert shown(surface).startswith("✎ [1] #general · only you see this\nTop papers in #general\n")
    assert "share" not in surface.history.message(1).draft.buttons


async def test_without_a_pressed_button_there_is_nothing_to_redraw(surface):
    with pytest.raises(ValueError, match="No button"):
        await ConsoleConversation(surface, ConsoleUser("ada")).replace(REPLIES["search"])


async def test_the_record_keeps_plain_text(surface):
    await surface.send(GENERAL, PaperCard(replace(PAPER, title="[bold]x[/bold]\x1b[1m"), MARKS), "t", None)
    text = surface.history.message(1).draft.text
    assert text.startswith("#57 [bold]x[/bold][1m\n")
