"""Cards follow the votes: one redraw of them at a time, and the last one shows the latest."""

import asyncio

import pytest

from adapters.console import CONSOLE
from adapters.console.outbound.surface import ConsoleSurface
from bot.domain.vote import Vote
from bot.posting.tally_updates import TallyUpdater
from papers.summaries import ExtractiveSummarizer


class HeldSurface(ConsoleSurface):
    """A surface on which a redraw takes until it is let go."""

    def __init__(self, other: ConsoleSurface) -> None:
        super().__init__(other.history, other.screen, other.clock)
        self.entered = asyncio.Event()
        self.go = asyncio.Event()
        self.inside = 0
        self.most_inside = 0
        self.redraws = 0
        self.failing = False

    async def replace(self, channel, message, reply) -> None:
        self.redraws += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        self.entered.set()
        await self.go.wait()
        self.inside -= 1
        if self.failing:
            raise ValueError("a fault of the surface")
        await super().replace(channel, message, reply)


@pytest.fixture
def surface(world) -> HeldSurface:
    return HeldSurface(world.surface)


@pytest.fixture
def tally_updates(world, surface) -> TallyUpdater:
    return TallyUpdater(world.parts.store, ExtractiveSummarizer(), {CONSOLE: surface}, world.clock)


async def up_votes(world, tally_updates: TallyUpdater, paper_id: int, *names: str) -> None:
    for name in names:
        async with world.parts.store.writing() as tx:
            context = await tx.directory.resolve(world.person(name).user.origin, world.clock.now())
        await tally_updates.cast(context, paper_id, Vote.UP)


async def other_work(world) -> None:
    """Enough of it for a redraw to begin that need not wait."""
    for _ in range(20):
        async with world.parts.store.reading() as tx:
            await tx.papers.count()


async def test_votes_during_a_redraw_are_one_more_redraw_after_it(world, surface, tally_updates):
    ada = world.person("ada")
    card = await ada.says("show seeing cracks in bridges")
    await up_votes(world, tally_updates, card.paper.id, "ada")
    await surface.entered.wait()
    await up_votes(world, tally_updates, card.paper.id, "bob", "cleo")
    await other_work(world)
    surface.go.set()
    await tally_updates.settle()
    assert (surface.most_inside, surface.redraws) == (1, 2)
    assert "👍 3" in world.surface.history.message(int(ada.last.message)).draft.text


async def test_a_redraw_that_fails_is_logged_and_the_next_is_drawn(world, surface, tally_updates, caplog):
    ada = world.person("ada")
    card = await ada.says("show seeing cracks in bridges")
    surface.failing = True
    await up_votes(world, tally_updates, card.paper.id, "ada")
    await surface.entered.wait()
    await up_votes(world, tally_updates, card.paper.id, "bob")
    surface.go.set()
    surface.failing = False
    await tally_updates.settle()
    assert "👍 2" in world.surface.history.message(int(ada.last.message)).draft.text
    surface.failing = True
    await up_votes(world, tally_updates, card.paper.id, "cleo")
    await tally_updates.settle()
    assert "a fault of the surface" in caplog.text


async def test_a_card_that_cannot_be_redrawn_holds_up_no_other(world, surface, tally_updates, monkeypatch):
    ada = world.person("ada")
    card = await ada.says("show seeing cracks in bridges")
    older = ada.last
    await ada.says("show seeing cracks in bridges")
    edit = world.surface.history.edit

    def fail_for_the_latest(number: int, *change: object) -> None:
        if number == int(ada.last.message):
            raise OSError("no room")
        edit(number, *change)

    monkeypatch.setattr(world.surface.history, "edit", fail_for_the_latest)
    surface.go.set()
    await up_votes(world, tally_updates, card.paper.id, "ada")
    await tally_updates.settle()
    assert "👍 1" in world.surface.history.message(int(older.message)).draft.text


@pytest.mark.parametrize("sentences", [1, 2])
async def test_a_summary_keeps_its_number_of_sentences(world, surface, tally_updates, sentences):
    ada = world.person("ada")
    summary = await ada.says(f"summarize seeing cracks in bridges sentences:{sentences}")
    before = world.surface.history.message(int(ada.last.message)).draft.text
    surface.go.set()
    await up_votes(world, tally_updates, summary.paper.id, "ada")
    await tally_updates.settle()
    after = world.surface.history.message(int(ada.last.message)).draft.text
    assert "👍 1" in after
    assert [quote.text in after for quote in summary.quotes] == [True] * sentences
    assert len(after.splitlines()) == len(before.splitlines())


async def test_two_processes_that_redraw_at_once_end_with_the_latest_votes(world, surface, tally_updates):
    shown = await world.person("ada").says("show seeing cracks in bridges")
    other = TallyUpdater(world.parts.store, ExtractiveSummarizer(), {CONSOLE: world.surface}, world.clock)
    await up_votes(world, tally_updates, shown.paper.id, "ada")
    await surface.entered.wait()  # it has read one vote, and is about to draw it

    await up_votes(world, other, shown.paper.id, "ben")
    await other.settle()
    surface.go.set()
    await tally_updates.settle()
    assert "👍 2" in world.shown
