"""One door: whatever comes in from a surface goes through `Bot.receive`."""

import logging
import secrets
from collections.abc import Mapping

from bot.actions import CastVote, Share, TurnPage
from bot.arguments import did_you_mean
from bot.buttons import as_command
from bot.command import Call, Command
from bot.commands import COMMANDS
from bot.errors import UserError
from bot.events import (
    ActionPressed,
    CommandInvoked,
    Event,
    MessageDeleted,
    MessagePosted,
    ReactionChanged,
    ReactionsSnapshot,
)
from bot.lists import load_view, publish_view
from bot.models import Here, MessageRef, Vote, VoteSource
from bot.parameters import PAGE
from bot.ports import Conversation
from bot.replies import Notice, Reply, SubscriptionList, Tally, Tone
from bot.services import Services
from bot.showing import record_shown

_log = logging.getLogger(__name__)


class Bot:
    """The bot, whichever platform it is met on."""

    def __init__(self, services: Services) -> None:
        """Take the world to work with."""
        self._services = services
        self._commands = {command.name: command for command in COMMANDS}

    async def receive(self, event: Event, conversation: Conversation) -> None:
        """Deal with an event. The person hears of everything that goes wrong; nothing is raised."""
        try:
            here = await self._arrive(event)
            if here is not None:
                await self._dispatch(event, here, conversation)
        except UserError as error:
            await conversation.reply(Notice(str(error), Tone.ERROR), private=True)
        except Exception:  # noqa: BLE001 - the edge: logged, and the person is given the reference
            reference = secrets.token_hex(4)
            _log.exception("Reference %s: %s failed", reference, type(event).__name__)
            text = (
                f"Something went wrong on our side. Please tell whoever runs the bot: reference {reference}."
            )
            await conversation.reply(Notice(text, Tone.ERROR), private=True)

    async def _arrive(self, event: Event) -> Here | None:
        now = self._services.clock.now()
        async with self._services.store.writing() as tx:
            event_id = getattr(event, "event_id", None)
            if event_id is not None and not await tx.inbox.take(event.origin, event_id, now):
                return None
            return await tx.directory.resolve(event.origin, now)

    async def _dispatch(self, event: Event, here: Here, conversation: Conversation) -> None:
        match event:
            case CommandInvoked(name=name, arguments=arguments):
                command = self._named(name)
                reply = await self._run(command, here, arguments, conversation)
                await self._answer(conversation, here, reply, private=command.private)
            case ActionPressed():
                await self._press(event, here, conversation)
            case ReactionChanged():
                await self._react(event, here)
            case ReactionsSnapshot():
                await self._recount(event, here)
            case MessagePosted(message=message, at=at):
                if message.thread is not None:
                    async with self._services.store.writing() as tx:
                        await tx.discussions.comment(here, message, at)
            case MessageDeleted(message=message):
                await self._forget(message, here)

    def _named(self, name: str) -> Command:
        if name in self._commands:
            return self._commands[name]
        if not name:
            return self._commands["help"]
        hint = did_you_mean(name, list(self._commands))
        raise UserError(f"There is no command “{name}”.{hint} See all with `help`.")

    async def _run(
        self, command: Command, here: Here, given: str | Mapping[str, str], conversation: Conversation
    ) -> Reply:
        arguments = command.read(given)
        page = arguments.get(PAGE) or 1
        now = self._services.clock.now()
        return await command.handle(Call(here, arguments, self._services, conversation, now, page))

    async def _answer(self, conversation: Conversation, here: Here, reply: Reply, *, private: bool) -> None:
        message = await conversation.reply(reply, private=private)
        if isinstance(message, MessageRef):
            async with self._services.store.writing() as tx:
                await record_shown(tx, here, reply, message, self._services.clock.now())

    async def _press(self, event: ActionPressed, here: Here, conversation: Conversation) -> None:
        match event.action:
            case CastVote(paper_id, value):
                await self._answer(conversation, here, await self._vote(here, paper_id, value), private=True)
            case TurnPage(view_id, page):
                await conversation.replace(await self._page(view_id, page, here, conversation, share=False))
            case Share(view_id, page):
                reply = await self._page(view_id, page, here, conversation, share=True)
                await self._answer(conversation, here, reply, private=False)
            case action:
                name, given = as_command(action)
                command = self._commands[name]
                reply = await self._run(command, here, given, conversation)
                if isinstance(reply, SubscriptionList):
                    await conversation.replace(reply)
                else:
                    await self._answer(conversation, here, reply, private=command.private)

    async def _vote(self, here: Here, paper_id: int, value: Vote) -> Reply:
        async with self._services.store.reading() as tx:
            papers = await tx.papers.get([paper_id])
            marks = await tx.marking.marks(here.channel.id, [paper_id], here.person.id)
        if paper_id not in papers:
            raise UserError(f"There is no paper #{paper_id} any more.")
        wanted = Vote.NONE if marks[paper_id].own_vote is value else value
        after = await self._services.voting.cast(here, paper_id, wanted, VoteSource.BUTTON)
        return Tally(papers[paper_id], after)

    async def _page(
        self, view_id: str, page: int, here: Here, conversation: Conversation, *, share: bool
    ) -> Reply:
        now = self._services.clock.now()
        async with self._services.store.writing() as tx:
            view = await load_view(tx, view_id, here, now)
            if share:
                view = await publish_view(tx, view)
        command = self._commands[view.command]
        call = Call(here, command.read(view.text), self._services, conversation, now, page, view)
        return await command.handle(call)

    async def _react(self, event: ReactionChanged, here: Here) -> None:
        async with self._services.store.writing() as tx:
            paper_id = await tx.messages.paper_on(here.channel.id, event.message)
            if paper_id is None:
                return
            await tx.votes.react(here, paper_id, event.message, event.value, added=event.added, at=event.at)
        self._services.voting.changed(here.channel, paper_id)

    async def _recount(self, event: ReactionsSnapshot, here: Here) -> None:
        now = self._services.clock.now()
        votes: dict[int, frozenset[Vote]] = {}
        async with self._services.store.writing() as tx:
            paper_id = await tx.messages.paper_on(here.channel.id, event.message)
            if paper_id is None:
                return
            for external_id, value in event.votes:
                person_id = await tx.directory.person_id(here.channel, external_id, now)
                votes[person_id] = votes.get(person_id, frozenset()) | {value}
            await tx.votes.recount(here, paper_id, event.message, votes, event.at)
        self._services.voting.changed(here.channel, paper_id)

    async def _forget(self, message: MessageRef, here: Here) -> None:
        async with self._services.store.writing() as tx:
            paper_id = await tx.messages.paper_on(here.channel.id, message)
            await tx.messages.forget(here.channel.id, message)
        if paper_id is not None:
            self._services.voting.changed(here.channel, paper_id)
