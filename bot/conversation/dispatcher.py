"""Dispatches events: everything that a surface receives goes through `Bot.receive`."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot.conversation.apply_event import apply_event
from bot.conversation.batching import Batcher
from bot.conversation.buttons import as_command, command_of
from bot.conversation.command import Command, CommandContext, FormValues
from bot.conversation.forms import arguments_of, build_form, with_error
from bot.conversation.home import home, welcome
from bot.conversation.lists import load_list, publish_list
from bot.conversation.parameters import PAGE
from bot.conversation.services import Services
from bot.conversation.suggestions import suggest
from bot.domain.channel import Channel, Context, Origin, Platform
from bot.domain.cleaning import clean
from bot.domain.errors import ChannelUnavailable, DeliveryError, PermanentFailure, UnknownPaper, UserError
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.domain.vote import KnownReactions
from bot.ports.metrics import UNKNOWN_COMMAND, CommandOutcome, Metrics
from bot.ports.store.store import Transaction
from bot.ports.surface import Conversation
from bot.posting.shown_messages import record_preview, record_shown
from bot.protocol.actions import Action, CastVote, OpenForm, Share, TurnPage
from bot.protocol.arguments import Arguments, cut, did_you_mean
from bot.protocol.events import (
    ActionPressed,
    ChannelLost,
    CommandInvoked,
    Event,
    FormSubmitted,
    HomeOpened,
    Invited,
    LinkShared,
    MessageChosen,
    MessagePosted,
    PlacedEvent,
    ReactionsSnapshot,
    SuggestionsRequested,
    Uninstalled,
)
from bot.protocol.replies import Form, Leaderboard, Notice, Reply, SubscriptionList, Tally, Tone
from bot.protocol.request_id import request
from bot.protocol.wording import undelivered_text

LOOKUP_BATCH = 64
"""Senders of events that are looked up in one transaction, at most."""
REMEMBERED_COMMANDS = 4096
"""Latest private commands kept in memory, to recognise one that a platform delivers again."""
RECOUNT_WINDOW = timedelta(days=14)
"""After a downtime, reactions on messages older than this are not counted again."""
_log = logging.getLogger(__name__)


class _RefusedInForm(Exception):
    """A form was refused, and the person has been shown why."""


class Bot:
    """Answers events from every platform."""

    def __init__(self, services: Services, commands: Sequence[Command], metrics: Metrics) -> None:
        self._services = services
        self._metrics = metrics
        self._commands = {command.name: command for command in commands}
        self._find_context = Batcher(self._find_contexts, LOOKUP_BATCH)
        self._answered: OrderedDict[tuple[Platform, str, str], None] = OrderedDict()

    async def receive(self, event: Event, conversation: Conversation) -> None:
        """Handle an event once, however often it is delivered. Never raises.

        A person is told of errors; the log has those that they cannot correct. All text of the event is
        cleaned first: this is where foreign text enters.
        """
        with request():
            started = self._services.clock.elapsed()
            outcome = await self._outcome_of(event, conversation)
            command = command_of(event)
            if outcome is not None and command is not None:
                name = command if command in self._commands else UNKNOWN_COMMAND
                seconds = self._services.clock.elapsed() - started
                self._metrics.command(_platform_of(event), name, outcome, seconds)

    async def _outcome_of(self, event: Event, conversation: Conversation) -> CommandOutcome | None:
        """Handle an event, and return how it ended for the person; None if it was handled before."""
        try:
            is_new = await self._handle(clean(event), conversation)
        except _RefusedInForm:
            await conversation.ack()
            return CommandOutcome.REFUSED
        except UserError as error:
            await conversation.ack()
            arrived = await _send_error(conversation, _notice(error))
            return CommandOutcome.REFUSED if arrived else CommandOutcome.UNDELIVERED
        except DeliveryError as failure:
            await conversation.ack()
            await _send_error(conversation, _undelivered(failure, event))
            return CommandOutcome.UNDELIVERED
        except Exception:  # noqa: BLE001 - the edge: logged, and the person gets the reference
            # No ack: if the event was not stored, the platform should deliver it again.
            await _send_error(conversation, _log_failure(event))
            return CommandOutcome.FAILED
        return CommandOutcome.ANSWERED if is_new else None

    async def messages_to_recount(
        self, platform: Platform, before: datetime, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Return messages whose reactions may have changed while nobody listened, the most urgent first.

        `before` is when listening began again. For each message the surface sends a ReactionsSnapshot, or a
        MessageDeleted if it is gone.
        """
        async with self._services.store.reading() as tx:
            return await tx.messages.to_recount(platform, before - RECOUNT_WINDOW, before, limit)

    async def recovered_messages_to_recount(
        self, platform: Platform, limit: int
    ) -> list[tuple[Origin, MessageRef]]:
        """Return posts that were unknown and then found, since people may have voted on them before."""
        since = self._services.clock.now() - RECOUNT_WINDOW
        async with self._services.store.reading() as tx:
            return await tx.messages.recovered_to_recount(platform, since, limit)

    async def known_reactions(self, origin: Origin, message: MessageRef) -> KnownReactions:
        """Return the known reactions to a message, for a ReactionsSnapshot that starts now."""
        async with self._services.store.reading() as tx:
            return await tx.reactions.list_known(origin, message)

    async def workspace_of(self, platform: Platform, person: str) -> str | None:
        """Return the workspace of a person's direct messages, for a platform that does not tell it."""
        async with self._services.store.reading() as tx:
            return await tx.directory.workspace_of(platform, person)

    async def workspaces_with_posts(self, platform: Platform) -> set[str]:
        """Return the workspaces in which any channel has a slot."""
        async with self._services.store.reading() as tx:
            return {slot.channel.workspace for slot in await tx.schedule.all(platform)}

    async def may_read(self, channel: Channel) -> bool:
        """Whether whoever reads a mailbox is in its team now; all other channels are their platform's.

        Raises:
            NotSent: no platform says.

        """
        return await self._services.mailbox_owners.may_read(channel)

    async def ask_mailbox(self, request: MailboxRequest) -> None:
        """Ask the owner of an address to confirm a request. See `MailboxRequests.ask`.

        Raises:
            UserError: the address got too many of these today.
            PermanentFailure: the mail server will never take it.

        """
        assert self._services.mailboxes is not None, "only the surface of mail asks for this"
        await self._services.mailboxes.ask(request)

    async def _handle(self, event: Event, conversation: Conversation) -> bool:
        """Handle an event. Returns False if it was handled before."""
        if isinstance(event, Uninstalled):
            await self._services.channel_loss.pause_workspace(event.platform, event.workspace)
            await conversation.ack()
            return True
        context = await self._record_event(event)
        if context is not None:
            await self._respond(event, context, conversation)
        await conversation.ack()
        return context is not None

    async def _respond(self, event: PlacedEvent, context: Context, conversation: Conversation) -> None:
        """Answer an event whose own changes are stored already."""
        match event:
            case CommandInvoked():
                await self._invoke(event, context, conversation)
            case ActionPressed(action=action):
                await self._press(action, context, conversation)
            case FormSubmitted():
                await self._submit(event, context, conversation)
            case MessagePosted(links=links) | LinkShared(links=links) if links:
                await self._follow(event, context, conversation)
            case MessageChosen():
                await self._save(event, context, conversation)
            case HomeOpened(channels=channels):
                clock = self._services.clocks.of(context.channel.platform)
                page = await home(self._services.store, clock, context, channels)
                await conversation.reply(page, private=True)
            case SuggestionsRequested(kind=kind, prefix=prefix):
                suggested = await suggest(kind, prefix, context, self._services, list(self._commands))
                await conversation.reply(suggested, private=True)
            case Invited():
                await conversation.ack()
                await self._answer(
                    conversation, context, await welcome(self._services.store, context), private=False
                )
            case ChannelLost(why=why):
                await self._services.channel_loss.pause_channel(context.channel, why)

    async def _record_event(self, event: PlacedEvent) -> Context | None:
        """Store an event with its own changes, in one transaction. Return None if it was stored before."""
        if self._only_reads(event):
            context = await self._find_context(event.origin)
            if context is not None:
                return None if self._was_answered(event) else context
        now = self._services.clocks.now(event.origin.platform)
        async with self._services.store.writing() as tx:
            context = await _resolve(tx, event, now)
            voted_on = None if context is None else await apply_event(tx, event, context, now)
        if context is not None and voted_on is not None:
            self._services.tally_updates.changed(context.channel, voted_on)
        return context

    def _only_reads(self, event: PlacedEvent) -> bool:
        """Whether an event changes nothing and has a private answer, so that a second answer does no harm."""
        match event:
            case CommandInvoked(event_id=None):
                return True
            case CommandInvoked(name=name):
                command = self._commands.get(name or "help")
                return command is not None and command.private and not command.changes
            case _:
                return isinstance(event, SuggestionsRequested | HomeOpened)

    def _was_answered(self, event: PlacedEvent) -> bool:
        """Whether this process has answered the command before.

        Reading commands are not stored in the inbox, so that they wait for no writer. After a restart, or in
        another process, a redelivery is answered twice.
        """
        if not isinstance(event, CommandInvoked) or event.event_id is None:
            return False
        key = (event.origin.platform, event.origin.workspace, event.event_id)
        if key in self._answered:
            return True
        self._answered[key] = None
        if len(self._answered) > REMEMBERED_COMMANDS:
            self._answered.popitem(last=False)
        return False

    async def _find_contexts(self, origins: Sequence[Origin]) -> list[Context | None]:
        async with self._services.store.reading() as tx:
            return await tx.directory.find_contexts(origins)

    def _find_command(self, name: str) -> Command:
        if name in self._commands:
            return self._commands[name]
        if not name:
            return self._commands["help"]
        hint = did_you_mean(name, list(self._commands))
        raise UserError(f"There is no command “{cut(name)}”.{hint} See all with `help`.")

    async def _run(
        self,
        command: Command,
        context: Context,
        given: str | Mapping[str, str],
        conversation: Conversation,
        *,
        stores_lists: bool = True,
    ) -> Reply:
        if not command.changes:
            # Slack waits three seconds for an ack, and a search or a full text may take longer.
            await conversation.ack()
        arguments = command.read(given)
        page = arguments.get(PAGE) or 1
        now = self._services.clocks.now(context.channel.platform)
        reply = await command.handle(
            CommandContext(
                context, arguments, self._services, conversation, now, page, stores_lists=stores_lists
            )
        )
        await conversation.ack()
        return reply

    async def _invoke(self, event: CommandInvoked, context: Context, conversation: Conversation) -> None:
        command, given = self._find_command(event.name), event.arguments
        if command.needs_form(given):
            await conversation.reply(await self._form(command, None, context, conversation), private=True)
        else:
            reply = await self._run(command, context, given, conversation, stores_lists=not event.turns_pages)
            await self._answer(conversation, context, reply, private=command.private)

    async def _form(
        self, command: Command, subject: int | None, context: Context, conversation: Conversation
    ) -> Form:
        return build_form(command, await self._form_values(command, subject, context, conversation), subject)

    async def _form_values(
        self, command: Command, subject: int | None, context: Context, conversation: Conversation
    ) -> FormValues:
        if command.fill is None:
            raise UserError(f"`{command.name}` has no form. It goes like this: `{command.usage}`")
        no_arguments = Arguments({}, "")
        now = self._services.clocks.now(context.channel.platform)
        return await command.fill(
            CommandContext(context, no_arguments, self._services, conversation, now), subject
        )

    async def _submit(self, event: FormSubmitted, context: Context, conversation: Conversation) -> None:
        """Run a command with its form's values. An error is shown in the form."""
        command = self._find_command(event.command)
        try:
            filled = await self._form_values(command, event.subject, context, conversation)
        except UserError as error:
            await _send_error(conversation, _notice(error))
            raise _RefusedInForm from error
        try:
            reply = await self._run(
                command, context, arguments_of(command, filled, event.values), conversation
            )
        except UserError as error:
            form = with_error(build_form(command, filled, event.subject), event.values, error)
            await conversation.reply(form, private=True)
            raise _RefusedInForm from error
        else:
            await self._answer(conversation, context, reply, private=command.private)

    async def _follow(
        self, event: MessagePosted | LinkShared, context: Context, conversation: Conversation
    ) -> None:
        # The links are stored by now. Asking the sources about them takes seconds.
        await conversation.ack()
        for card in await self._services.links.follow(context, event.message, event.links):
            message = await conversation.reply(card, private=False)
            if message == event.message:
                async with self._services.store.writing() as tx:
                    await record_preview(tx, context, card, event.message)
            elif isinstance(message, MessageRef):
                await self._record(context, card, message)

    async def _save(self, event: MessageChosen, context: Context, conversation: Conversation) -> None:
        """Save the one paper that a message shows or links to."""
        async with self._services.store.reading() as tx:
            shown = await tx.messages.paper_on(context.channel.id, event.message)
        found = (
            {shown} if shown else set((await self._services.links.find_papers(context, event.links)).values())
        )
        if len(found) > 1:
            raise UserError("That message has several papers. Save one with `save` and its number.")
        if not found:
            raise UserError("I see no paper in that message. Bring one in with `add LINK`.")
        command = self._commands["save"]
        reply = await self._run(command, context, {"paper": f"#{found.pop()}"}, conversation)
        await self._answer(conversation, context, reply, private=True)

    async def _answer(
        self, conversation: Conversation, context: Context, reply: Reply, *, private: bool
    ) -> None:
        message = await conversation.reply(reply, private=private)
        if isinstance(message, MessageRef):
            await self._record(context, reply, message)

    async def _record(self, context: Context, reply: Reply, message: MessageRef) -> None:
        async with self._services.store.writing() as tx:
            await record_shown(
                tx, context, reply, message, self._services.clocks.now(context.channel.platform)
            )

    async def _press(self, action: Action, context: Context, conversation: Conversation) -> None:
        if isinstance(action, CastVote | TurnPage | Share):
            # A vote is stored by now, and the other two change nothing.
            await conversation.ack()
        match action:
            case OpenForm(name, subject):
                form = await self._form(self._find_command(name), subject, context, conversation)
                await conversation.reply(form, private=True)
            case CastVote(paper_id):
                await self._answer(conversation, context, await self._tally(context, paper_id), private=True)
            case TurnPage(list_id, page):
                await conversation.replace(
                    await self._page(list_id, page, context, conversation, share=False)
                )
            case Share(list_id, page):
                reply = await self._page(list_id, page, context, conversation, share=True)
                await self._answer(conversation, context, reply, private=False)
            case _:
                name, given = as_command(action)
                command = self._commands[name]
                reply = await self._run(command, context, given, conversation)
                if isinstance(reply, SubscriptionList | Leaderboard):
                    await conversation.replace(reply)
                else:
                    await self._answer(conversation, context, reply, private=command.private)

    async def _tally(self, context: Context, paper_id: int) -> Tally:
        async with self._services.store.reading() as tx:
            papers = await tx.papers.get([paper_id], context.team_id)
            status = await tx.paper_statuses.get(context.channel.id, [paper_id], context.person.id)
        if paper_id not in papers:
            raise UnknownPaper(f"There is no paper #{paper_id} any more.")
        return Tally(papers[paper_id], status[paper_id])

    async def _page(
        self, list_id: str, page: int, context: Context, conversation: Conversation, *, share: bool
    ) -> Reply:
        now = self._services.clocks.now(context.channel.platform)
        async with self._services.store.reading() as tx:
            result_list = await load_list(tx, list_id, context, now)
        if share:
            async with self._services.store.writing() as tx:
                result_list = await publish_list(tx, result_list)
        command = self._commands[result_list.command]
        ctx = CommandContext(
            context, command.read(result_list.text), self._services, conversation, now, page, result_list
        )
        return await command.handle(ctx)


async def _resolve(tx: Transaction, event: PlacedEvent, now: datetime) -> Context | None:
    """Add the event to the inbox and return its context; None if it was there already."""
    match event:
        case ReactionsSnapshot() | SuggestionsRequested() | HomeOpened():
            event_id = None
        case _:
            event_id = event.event_id
    if event_id is not None and not await tx.inbox.add(event.origin, event_id, now):
        return None
    return await tx.directory.resolve(event.origin, now)


def _notice(error: UserError) -> Notice:
    return Notice(str(error), Tone.ERROR, missing=isinstance(error, UnknownPaper))


async def _send_error(conversation: Conversation, notice: Notice) -> bool:
    """Tell the person of an error. Returns whether the platform took it."""
    try:
        await conversation.reply(notice, private=True)
    except DeliveryError as failure:
        _log.warning("Could not send the error “%s”: %s", notice.text, failure)
        return False
    return True


def _platform_of(event: Event) -> Platform:
    return event.platform if isinstance(event, Uninstalled) else event.origin.platform


def _undelivered(failure: DeliveryError, event: Event) -> Notice:
    """Explain why an answer did not arrive. A busy or unreachable platform needs no reference."""
    if isinstance(failure, PermanentFailure) and not isinstance(failure, ChannelUnavailable):
        return _log_failure(event)
    _log.warning("Answering %s failed: %s", type(event).__name__, failure)
    return Notice(undelivered_text(_platform_of(event), failure), Tone.ERROR)


def _log_failure(event: Event) -> Notice:
    """Log the current exception, and return what the person is told, with the log's reference."""
    reference = secrets.token_hex(4)
    _log.exception("Reference %s: %s failed", reference, type(event).__name__)
    text = f"Something went wrong on our side. Please tell whoever runs the bot: reference {reference}."
    return Notice(text, Tone.ERROR, reference=reference)
