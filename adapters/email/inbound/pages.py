"""The pages behind the links of mails. A GET changes nothing, as scanners follow every link; a POST does."""

import logging
from collections.abc import Awaitable, Callable, Sequence
from math import ceil
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from adapters.common.tasks import TaskTracker
from adapters.common.visitors import caller_address, let_in
from adapters.email.inbound.mailboxes import MailboxDesk
from adapters.email.limits import FORM_BYTES, FORM_FIELDS, FORMS
from adapters.email.links import Links, Purpose
from adapters.email.outbound.confirmation import asker_text, from_content, identity_text
from adapters.email.render.pages import HEADERS, Field, page
from adapters.email.render.parts import Part, Prose
from adapters.email.render.replies import render
from bot.commands.email import request_of
from bot.conversation.dispatcher import Bot
from bot.domain.errors import DeliveryError, TooBusy, UserError
from bot.domain.mailbox import MailboxRequest
from bot.ports.clock import Clock
from bot.ports.coordination import RateLimiter
from bot.ports.store.store import Store
from bot.protocol.replies import Notice, Reply, Tone
from bot.protocol.wording import all_of, quoted

_BAD, _GONE, _TOO_MANY, _NOT_NOW = 400, 410, 429, 503
_MAILS_END = "It then gets no more papers of a team that you are in, and you are signed out of the web page."
_SILENT = "I couldn't ask your team's chat whether you are still in it. Try again in a minute."
_VERBS = {"up": "Up-vote", "down": "Down-vote"}
_FIELDS = (
    Field("address", "Your mail address", kind="email", required=True),
    Field("topic", "A topic in a few words"),
    Field("trending", "What trends, too", "no", choices=(("no", "No"), ("yes", "Yes"))),
    Field("every", "How often", "daily", choices=(("daily", "Every day"), ("weekly", "On Mondays"))),
    Field("at", "At what time", "09:00"),
    Field("tz", "Time zone, such as Europe/Paris", "UTC"),
)
_log = logging.getLogger(__name__)
_Step = Callable[[dict[str, str]], Awaitable[Response]]


class Pages:
    """Answers links."""

    def __init__(
        self,
        bot: Bot,
        links: Links,
        *,
        store: Store,
        clock: Clock,
        tasks: TaskTracker,
        limiter: RateLimiter,
    ) -> None:
        self._bot = bot
        self._links = links
        self._desk = MailboxDesk(store, clock)
        self._tasks = tasks
        self._limiter = limiter

    def routes(self) -> Sequence[BaseRoute]:
        """Return the routes."""
        steps: dict[Purpose, tuple[_Step, _Step]] = {
            Purpose.CONFIRM: (self._offer, self._confirm),
            Purpose.STOP: (self._offer_stop, self._stop),
            Purpose.VOTE: (self._offer_vote, self._vote),
            Purpose.SAVE: (self._offer_save, self._save),
            Purpose.UNLINK: (self._offer_unlink, self._unlink),
        }
        return [
            Route("/subscribe", self._subscribe, methods=["GET", "POST"]),
            *(self._route(purpose, *both) for purpose, both in steps.items()),
        ]

    def _route(self, purpose: Purpose, show: _Step, act: _Step) -> Route:
        async def answer(request: Request) -> Response:
            try:
                content = self._links.read(purpose, request.path_params["seal"])
                return await (act if request.method == "POST" else show)(content)
            except UserError as error:
                return _shown("That link doesn't work", [Prose(str(error))], status=_GONE)
            except DeliveryError:
                return _shown("That didn't work", [Prose(_SILENT)], status=_NOT_NOW)

        return Route(f"/mail/{purpose}/{{seal}}", answer, methods=["GET", "POST"])

    async def _offer(self, content: dict[str, str]) -> Response:
        request = from_content(content)
        asked = Prose(f"{asker_text(request)} asked for these papers at {request.address}:")
        named = [*map(quoted, request.topics), *(["What trends in the team"] if request.trending else [])]
        topics = Prose("\n".join(named))
        return _shown("Papers by mail", [asked, topics, *_warning(request)], button="Confirm")

    async def _confirm(self, content: dict[str, str]) -> Response:
        request = from_content(content)
        replies, linked = await self._desk.confirm(self._bot, request)
        parts = [part for each in replies for part in render(each).parts]
        if request.asked_by is not None and not linked:
            text = "This address is linked with somebody else already, so I've linked it with nobody new."
            parts.append(Prose(text, dim=True))
        failed = any(map(_is_error, replies))
        return _shown("That's done" if not failed else "Not all of it worked", parts)

    async def _offer_stop(self, content: dict[str, str]) -> Response:
        text = f"I'll send no more papers to {content['address']}."
        return _shown("Unsubscribe", [Prose(text)], button="Unsubscribe")

    async def _stop(self, content: dict[str, str]) -> Response:
        await self._desk.stop(content)
        return _shown("You're unsubscribed", [Prose(f"I no longer send papers to {content['address']}.")])

    async def _offer_unlink(self, content: dict[str, str]) -> Response:
        address, others = content["address"], await self._desk.linked_with(content)
        if not others:
            return _shown("Nothing to unlink", [Prose(f"{address} is linked with nobody.")])
        named = all_of([identity_text(each) for each in others])
        text = (
            f"{address} is linked with {named}. Once unlinked, it no longer acts for them, nor they for it."
        )
        return _shown("Unlink this address", [Prose(text), Prose(_MAILS_END)], button="Unlink")

    async def _unlink(self, content: dict[str, str]) -> Response:
        address = content["address"]
        if not await self._desk.unlink(content):
            return _shown("Nothing to unlink", [Prose(f"{address} is linked with nobody.")])
        text = f"{address} is no longer linked with anybody. Everybody is signed out of the web page."
        return _shown("That's done", [Prose(text)])

    async def _offer_vote(self, content: dict[str, str]) -> Response:
        return await self._offer_paper(content, _VERBS[content["value"]])

    async def _vote(self, content: dict[str, str]) -> Response:
        paper, value = f"#{content['paper']}", content["value"]
        return _drawn(await self._desk.act(self._bot, content, "vote", paper=paper, value=value))

    async def _offer_save(self, content: dict[str, str]) -> Response:
        return await self._offer_paper(content, "Save")

    async def _save(self, content: dict[str, str]) -> Response:
        return _drawn(await self._desk.act(self._bot, content, "save", paper=f"#{content['paper']}"))

    async def _offer_paper(self, content: dict[str, str], verb: str) -> Response:
        title = await self._desk.title(self._bot, content, int(content["paper"]))
        if not title:
            raise UserError(f"There is no paper #{content['paper']} any more.")
        return _shown(f"{verb} #{content['paper']}", [Prose(title)], button=verb)

    async def _subscribe(self, request: Request) -> Response:
        if request.method != "POST":
            return _form()
        values: dict[str, str] = {}
        try:
            values = _values(await request.body())
            wish = request_of(values.get("address", ""), values)
            await let_in(self._limiter, FORMS, caller_address(request))
        except UserError as error:
            return _form(Prose(str(error)), values=values)
        except TooBusy as busy:
            return _later(busy, values)
        # Not awaited: how long a mail takes would tell what we know of the address.
        self._tasks.start(self._ask(wish))
        text = (
            f"If {wish.address} gets mail, there will be one from me soon. Follow its link to confirm. "
            "If the mail server doesn't take it, I try again for a day. "
            "An address gets only a few of these a day."
        )
        return _shown("Look into your mailbox", [Prose(text)])

    async def _ask(self, wish: MailboxRequest) -> None:
        try:
            await self._bot.ask_mailbox(wish)
        except UserError:
            _log.debug("A mailbox was asked for too often")
        except DeliveryError as failure:
            _log.warning("A confirmation was not sent: %s", failure)


def _values(body: bytes) -> dict[str, str]:
    """Return the fields of a form; of each name the last.

    Raises:
        UserError: there are more than any form of ours has.

    """
    try:
        given = parse_qs(body[:FORM_BYTES].decode(errors="replace"), max_num_fields=FORM_FIELDS)
    except ValueError:
        raise UserError("That was more than I can read. Fill in this form again.") from None
    return {name: texts[-1] for name, texts in given.items()}


def _later(busy: TooBusy, values: dict[str, str]) -> Response:
    minutes = ceil(busy.seconds / 60) or 1
    wait = "a minute" if minutes == 1 else f"{minutes} minutes"
    note = Prose(f"I get too many of these forms just now. Try again in {wait}.")
    response = _form(note, values=values, status=_TOO_MANY)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def _form(*notes: Part, values: dict[str, str] | None = None, status: int = _BAD) -> Response:
    given = values or {}
    fields = [
        Field(each.name, each.label, given.get(each.name, each.value), each.kind, each.choices, each.required)
        for each in _FIELDS
    ]
    first = Prose("I'll send you new papers on a topic. First I'll send a mail with a link to confirm it.")
    return _shown(
        "Papers by mail", [first, *notes], button="Subscribe", fields=fields, status=status if notes else 200
    )


def _warning(request: MailboxRequest) -> list[Part]:
    if request.asked_by is None:
        return []
    return [
        Prose(
            f"Confirm only if you are {asker_text(request)}: this links you with them, and whoever you are "
            "linked with can act as you."
        )
    ]


def _drawn(reply: Reply) -> Response:
    parts = render(reply).parts
    return _shown("That didn't work", parts, status=_BAD) if _is_error(reply) else _shown("Thanks", parts)


def _is_error(reply: Reply) -> bool:
    return isinstance(reply, Notice) and reply.tone is Tone.ERROR


def _shown(
    title: str, parts: Sequence[Part], *, button: str = "", fields: Sequence[Field] = (), status: int = 200
) -> Response:
    return HTMLResponse(page(title, parts, button, fields), status, HEADERS)
