"""Posts as mails."""

import hashlib
import secrets
from datetime import datetime, timedelta

from adapters.common.setup import TokenSecrets
from adapters.email import EMAIL
from adapters.email.addresses import Sender
from adapters.email.limits import MAX_RESENDS
from adapters.email.links import Links, MailboxLinks
from adapters.email.outbound.client import Mailer
from adapters.email.outbound.confirmation import Confirmations
from adapters.email.outbound.message import Envelope, mail
from adapters.email.outbound.sign_in import sign_in_content
from adapters.email.render.replies import Content, render
from bot.domain.channel import Channel, Platform
from bot.domain.errors import DeliveryUnknown, PermanentFailure
from bot.domain.mailbox import MailboxRequest
from bot.domain.message import MessageRef
from bot.ports.clock import Clock
from bot.protocol.replies import Reply


class EmailSurface:
    """Sends each post as one mail. Its Message-ID is made of the post's token."""

    def __init__(
        self,
        mailer: Mailer,
        sender: Sender,
        links: Links,
        *,
        token_secrets: TokenSecrets,
        confirmations: Confirmations,
        clock: Clock,
    ) -> None:
        self._mailer = mailer
        self._sender = sender
        self._links = links
        self._secrets = token_secrets
        self._confirmations = confirmations
        self._clock = clock

    @property
    def platform(self) -> Platform:
        """Mail."""
        return EMAIL

    @property
    def post_interval(self) -> timedelta:
        """A mailbox takes any number."""
        return timedelta()

    @property
    def own_clock(self) -> None:
        """None, as a mail server's time counts for nothing."""
        return

    @property
    def shared_ids(self) -> bool:
        """An address is the same person in whichever team's workspace."""
        return True

    @property
    def single_posts(self) -> bool:
        """A digest is one mail."""
        return True

    @property
    def max_resends(self) -> int:
        """A mail server cannot be asked for a mail, so it gets it again, this often."""
        return MAX_RESENDS

    async def channels_of(self, workspace: str, person: str) -> frozenset[str]:  # noqa: ARG002 - there are none
        """Return none: there are only mailboxes, which are direct."""
        return frozenset()

    async def is_member(self, workspace: str, person: str) -> bool:
        """Whether the mailbox is a team of its own.

        A mailbox that gets a team's papers proves nothing: its owner may have left that team's chat.
        """
        return workspace == person

    async def message_link(self, channel: Channel, message: MessageRef) -> str:  # noqa: ARG002 - as below
        """Return nothing: a mail has no web address."""
        return ""

    async def ping(self) -> None:
        """Do nothing: there is no clock to learn."""

    async def send(
        self,
        channel: Channel,
        reply: Reply,
        token: str,
        thread: MessageRef | None,  # noqa: ARG002 - mails have no threads
    ) -> MessageRef:
        """Mail a post to a mailbox. Sent again, it has the same Message-ID."""
        sender = self._sender.return_path(channel.id, self._secrets)
        await self._send(channel.workspace, channel.external_id, reply, token, sender)
        return MessageRef(channel.external_id, token)

    async def find(
        self,
        channel: Channel,  # noqa: ARG002 - nobody is asked
        token: str,  # noqa: ARG002 - as above
        since: datetime,  # noqa: ARG002 - as above
        thread: MessageRef | None,  # noqa: ARG002 - as above
        searched_to: str | None = None,  # noqa: ARG002 - as above
    ) -> MessageRef | None:
        """Raise DeliveryUnknown: nobody can be asked whether a mail arrived. See `max_resends`."""
        raise DeliveryUnknown("Nobody can be asked whether a mail arrived.")

    async def notify(self, workspace: str, person: str, reply: Reply) -> None:
        """Mail a reply to somebody's mailbox."""
        # The same words to the same mailbox get the same name, so that a mail program shows them once.
        token = hashlib.sha256(f"{workspace} {person} {reply}".encode()).hexdigest()[:20]
        await self._send(workspace, person, reply, f"notice.{token}", self._sender.bounces)

    async def replace(self, channel: Channel, message: MessageRef, reply: Reply) -> None:  # noqa: ARG002 - never
        """Refuse: a mail stays as it was sent."""
        raise PermanentFailure("A mail cannot be changed.")

    async def ask(self, request: MailboxRequest, token: str, *, again: bool = False) -> None:
        """Mail an address the link with which its owner confirms."""
        content = await self._confirmations.content(request, again=again)
        await self._send_once(f"confirm.{token}", request.address, content)

    async def send_sign_in(self, address: str, link: str) -> None:
        """Mail an address the link with which its owner signs in."""
        await self._send_once(f"sign-in.{secrets.token_urlsafe(12)}", address, sign_in_content(link))

    async def _send_once(self, name: str, address: str, content: Content) -> None:
        """Send a mail that was asked for by itself, so there is nothing to unsubscribe from."""
        envelope = Envelope(address, name, self._clock.now())
        await self._mailer.send(self._sender.bounces, address, mail(content, envelope, self._sender))

    async def _send(self, workspace: str, address: str, reply: Reply, token: str, sender: str) -> None:
        links = MailboxLinks(self._links, workspace, address)
        envelope = Envelope(address, token, self._clock.now(), links.stop, links.unlink)
        await self._mailer.send(sender, address, mail(render(reply, links), envelope, self._sender))
