"""The mail with which the owner of an address confirms that they want papers."""

import json
from collections.abc import Mapping

from adapters.email.limits import NAME
from adapters.email.links import Links, Purpose
from adapters.email.outbound.turns import Turns
from adapters.email.render.parts import Heading, Link, Prose
from adapters.email.render.replies import Content
from bot.domain.account import Identity
from bot.domain.channel import Platform
from bot.domain.mailbox import MailboxRequest
from bot.ports.coordination import RateLimiter
from bot.protocol.wording import cleaned, quoted, shortened


class Confirmations:
    """Writes confirmations, a few a day for each address, so that nobody's mailbox is filled with them."""

    def __init__(self, links: Links, limiter: RateLimiter) -> None:
        self._links = links
        self._turns = Turns(limiter, "confirmation")

    async def content(self, request: MailboxRequest, *, again: bool = False) -> Content:
        """Return what the mail says. Sent again, it does not count once more.

        Raises:
            UserError: there were too many of these today for the address, or just now for all, or the
                request is too long for a link.

        """
        link = self._links.address(Purpose.CONFIRM, to_content(request))
        if not again:
            await self._turns.take(request.address)
        return Content(
            "Confirm that you want papers by mail",
            (
                Heading("Papers by mail", top=True),
                Prose(f"{asker_text(request)} asked for papers at this address."),
                *_topics(request),
                Link("Look at it and confirm", link),
                Prose("If that wasn't you, do nothing. Nothing is sent without your word.", dim=True),
            ),
        )


def _topics(request: MailboxRequest) -> list[Prose]:
    """Name the topics of a request from chat. Of one from the page, nobody knows who wrote them.

    They stand on the page behind the link: a form that mails any words to any address is for spammers.
    """
    if request.asked_by is None:
        return []
    return [Prose("\n".join(quoted(shortened(cleaned(each), NAME)) for each in request.topics))]


def asker_text(request: MailboxRequest) -> str:
    """Say who asked."""
    asker = request.asked_by
    if asker is None:
        return "Somebody, you I hope,"
    return identity_text(asker)


def identity_text(identity: Identity) -> str:
    """Say who somebody is on which platform."""
    name = shortened(cleaned(identity.name or identity.external_id), NAME)
    return f"{name} on {identity.platform.capitalize()}"


def to_content(request: MailboxRequest) -> dict[str, str]:
    """Return a request as the content of a link."""
    asker = request.asked_by
    who = [] if asker is None else [asker.platform, asker.workspace, asker.external_id, asker.name]
    return {
        "address": request.address,
        "topics": _written(request.topics),
        "options": _written(dict(request.options)),
        "trending": "yes" if request.trending else "",
        "team": "" if request.team_id is None else str(request.team_id),
        "asker": _written(who),
    }


def _written(value: object) -> str:
    # Escapes would make a letter beyond ASCII seven bytes of the link.
    return json.dumps(value, ensure_ascii=False)


def from_content(content: Mapping[str, str]) -> MailboxRequest:
    """Return the request that a link of ours holds."""
    who = json.loads(content["asker"])
    return MailboxRequest(
        content["address"],
        tuple(json.loads(content["topics"])),
        json.loads(content["options"]),
        bool(content["trending"]),
        int(content["team"]) if content["team"] else None,
        Identity(Platform(who[0]), *who[1:]) if who else None,
    )
