"""What all pages share: who reads, the frame around a page, and pages that say what went wrong."""

import logging
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from adapters.common.addresses import network_of
from adapters.common.visitors import caller_address
from adapters.web.inbound.forms import FormRefused, read_form
from adapters.web.inbound.readers import Reader, Readers
from adapters.web.inbound.services import WebServices
from adapters.web.limits import DESCRIPTION, HIGHEST_PAGE_DIGITS
from adapters.web.outbound import responses
from adapters.web.outbound.asking import ask
from adapters.web.render.engine import draw
from bot.domain.channel import Origin
from bot.protocol.replies import Reply
from bot.protocol.wording import cleaned, shortened

Handler = Callable[["Visit"], Awaitable[Response]]
_ABOUT = "Papers by date, with search, votes and discussions, for teams that read."
_log = logging.getLogger(__name__)


class NotFound(Exception):
    """There is no such page for this reader. They hear the same whether it exists for others or not."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request, and who made it."""

    site: "Site"
    request: Request
    reader: Reader

    @property
    def here(self) -> str:
        """The address of the page, to come back to."""
        query = self.request.url.query
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    @property
    def page(self) -> str:
        """The number of the page that is asked for."""
        given = self.request.query_params.get("page", "1")
        if not (given.isascii() and given.isdecimal() and len(given) <= HIGHEST_PAGE_DIGITS and int(given)):
            raise NotFound
        return str(int(given))

    @property
    def network(self) -> str:
        """What its sender is counted by."""
        return network_of(caller_address(self.request))

    def path(self, **parameters: str) -> str:
        """Return this page's address with other parameters."""
        return f"{self.request.url.path}?{urlencode(parameters)}"

    async def form(self) -> Mapping[str, str]:
        """Return the form that was sent; FormRefused where it does not come from our own page."""
        return await read_form(self.request, self.reader, self.site.services.public_url)

    async def ask(
        self, command: str, arguments: str | Mapping[str, str] = "", origin: Origin | None = None
    ) -> Reply:
        """Put a command to the bot as the reader, in a channel or outside of any."""
        return await ask(self.site.services.receive, origin or self.reader.origin, command, arguments)

    def show(  # noqa: D417 - what `values` holds is the template's business
        self,
        template: str,
        title: str,
        section: str = "",
        *,
        description: str = _ABOUT,
        status: int = 200,
        keep: bool = True,
        **values: Any,
    ) -> Response:
        """Answer with a page in the site's frame.

        Args:
            template: its file.
            title: its name in the browser.
            section: the entry of the menu that it belongs to.
            description: what those say who preview a link to it.
            status: of HTTP.
            keep: whether the browser may keep a copy.

        """
        base = self.site.services.public_url.rstrip("/")
        frame = {
            "title": title,
            "section": section,
            "description": shortened(cleaned(description), DESCRIPTION) or _ABOUT,
            "reader": self.reader,
            "here": self.here,
            "channel": "",
            "canonical": f"{base}{self.request.url.path}" if base and status == 200 else "",
        }
        return responses.page(self.request, draw(template, frame | values), status, keep=keep)

    def say(self, title: str, notes: Sequence[object], status: int) -> Response:
        """Answer with a few sentences."""
        return self.show("message.html", title, status=status, keep=False, notes=notes)


class Site:
    """Runs the pages' handlers."""

    def __init__(self, services: WebServices) -> None:
        self.services = services
        self.readers = Readers(services)

    def endpoint(self, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        """Return a handler as an endpoint, which answers whatever happens."""

        async def answer(request: Request) -> Response:
            visit = Visit(self, request, Reader())
            try:
                visit = Visit(self, request, await self.readers.of(request))
                return await handler(visit)
            except NotFound:
                return self.missing(visit)
            except FormRefused:
                notes = ["I couldn't tell that this form came from my own page, so nothing changed."]
                return visit.say("Go back and try again", notes, 403)
            except Exception:  # noqa: BLE001 - the edge: logged, and the reader gets the reference
                reference = secrets.token_hex(4)
                _log.exception("Reference %s: the page %s failed", reference, request.url.path)
                notes = [
                    "Something went wrong on my side.",
                    f"If it stays, tell your admin: reference {reference}.",
                ]
                return visit.say("That didn't work", notes, 500)

        return answer

    def missing(self, visit: Visit) -> Response:
        """Say that there is no such page, always in the same words."""
        # The menu's links are the same for all who read as the same person, whatever was asked for.
        notes = ["I couldn't find this page. It may be gone, or be another team's."]
        return visit.say("Nothing here", notes, 404)
