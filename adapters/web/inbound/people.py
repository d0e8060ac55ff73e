"""Signing in and out, and the reader's own page."""

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from cachetools import TTLCache
from starlette.responses import Response

from adapters.web.inbound.channels import platform_name
from adapters.web.inbound.entrance import entrance
from adapters.web.inbound.forms import own_path
from adapters.web.inbound.readers import Reader
from adapters.web.inbound.site import NotFound, Visit
from adapters.web.limits import NETWORKS_REMEMBERED, WRONG_CODES, WRONG_CODES_SECONDS
from adapters.web.outbound.responses import redirect
from adapters.web.render.views import Board, notes, pager, read
from bot.domain.account import Identity
from bot.domain.errors import UserError
from bot.protocol.replies import Notice, ReadingList
from bot.protocol.wording import cleaned

T = TypeVar("T")
_TOO_MANY = "That were too many wrong codes. Try again in a minute."


@dataclass(frozen=True, slots=True)
class Asked:
    """A code that was entered, and whose it is: to be confirmed."""

    code: str
    owner: str


@dataclass(frozen=True, slots=True)
class Team:
    """A team that the reader can read as."""

    number: int
    text: str


class People:
    """The pages about the reader. It counts wrong codes, so that nobody can try them all."""

    def __init__(self, elapsed: Callable[[], float]) -> None:
        self._wrong: TTLCache[str, int] = TTLCache(NETWORKS_REMEMBERED, WRONG_CODES_SECONDS, elapsed)

    async def sign_in(self, visit: Visit) -> Response:
        """Show the form to sign in with."""
        if visit.reader.signed_in:
            return redirect("/me")
        # No code from the address: one press would sign people in as whoever has sent them the link.
        return entrance(visit)

    async def signed_in(self, visit: Visit) -> Response:
        """Sign in by a code that `link` has shown on a platform."""
        form = await visit.form()
        try:
            account_id = await self._account(visit, form.get("code", ""))
        except UserError as error:
            code, then = form.get("code", ""), form.get("next", "")
            return entrance(visit, str(error), wrong="code", code=code, then=then)
        response = redirect(own_path(form.get("next", "/")))
        await visit.site.readers.sign_in(response, account_id)
        return response

    async def sign_out(self, visit: Visit) -> Response:
        """End this session, or all."""
        form = await visit.form()
        response = redirect("/")
        await visit.site.readers.sign_out(response, visit.reader, everywhere=bool(form.get("everywhere")))
        return response

    async def me(self, visit: Visit) -> Response:
        """Show the reading list, and who the reader is where."""
        if not visit.reader.signed_in:
            return redirect("/sign-in?next=/me")
        return await self._me(visit)

    async def new_code(self, visit: Visit) -> Response:
        """Show a code to enter in chat."""
        await _signed_form(visit)
        first = (await _identities(visit))[0]
        return await self._me(visit, code=await visit.site.services.accounts.new_code(first))

    async def link(self, visit: Visit) -> Response:
        """Link with the owner of a code, once the reader has confirmed who that is."""
        form = await _signed_form(visit)
        accounts, code = visit.site.services.accounts, form.get("code", "")
        try:
            owner = await self._counted(visit, accounts.owner_of(code))
            if not form.get("confirm"):
                return await self._me(visit, asked=Asked(code, named(owner)))
            await accounts.redeem(code, (await _identities(visit))[0])
        except UserError as error:
            return await self._me(visit, notes(str(error)), "error", status=400)
        return redirect("/me")

    async def unlink(self, visit: Visit) -> Response:
        """Take one of the reader's identities out of their account, which signs them out everywhere."""
        form = await _signed_form(visit)
        assert visit.reader.account_id is not None
        async with visit.site.services.store.writing() as tx:
            taken_out = _named_in(form, await tx.accounts.identities(visit.reader.account_id))
            if not await tx.accounts.unlink(taken_out):
                raise NotFound
        text = f"{named(taken_out)} is no longer linked with you. You are signed out of the page everywhere."
        response = entrance(Visit(visit.site, visit.request, Reader()), text, then="/")
        visit.site.readers.forget(response)
        return response

    async def choose_team(self, visit: Visit) -> Response:
        """Read as another team."""
        form = await _signed_form(visit)
        for membership in visit.reader.memberships:
            if str(membership.person.id) == form.get("team"):
                response = redirect("/me")
                visit.site.readers.choose_team(response, membership)
                return response
        raise NotFound

    async def _account(self, visit: Visit, code: str) -> int:
        return await self._counted(visit, visit.site.services.accounts.account_by(code))

    async def _counted(self, visit: Visit, looked_up: Coroutine[Any, Any, T]) -> T:
        network = visit.network
        if self._wrong.get(network, 0) >= WRONG_CODES:
            looked_up.close()
            raise UserError(_TOO_MANY)
        try:
            return await looked_up
        except UserError:
            self._wrong[network] = self._wrong.get(network, 0) + 1
            raise

    async def _me(
        self,
        visit: Visit,
        said: Sequence[object] = (),
        tone: str = "info",
        *,
        code: str = "",
        asked: Asked | None = None,
        status: int = 200,
    ) -> Response:
        plain = not (said or code or asked)
        return visit.show(
            "me.html",
            "You",
            "Me",
            status=status,
            keep=plain,
            notes=said,
            tone=tone,
            board=await _reading_list(visit),
            identities=await _identities(visit),
            named=named,
            teams=[Team(each.person.id, platform_name(each)) for each in visit.reader.memberships],
            code=code,
            asked=asked,
        )


def named(identity: Identity) -> str:
    """Say who somebody is on which platform."""
    return f"{cleaned(identity.name or identity.external_id)} on {identity.platform.capitalize()}"


async def _signed_form(visit: Visit) -> dict[str, str]:
    form = dict(await visit.form())
    if not visit.reader.signed_in:
        raise NotFound
    return form


async def _identities(visit: Visit) -> Sequence[Identity]:
    assert visit.reader.account_id is not None
    async with visit.site.services.store.reading() as tx:
        return await tx.accounts.identities(visit.reader.account_id)


def _named_in(form: Mapping[str, str], own: Iterable[Identity]) -> Identity:
    """Return the identity that a form names; NotFound where it is not one of the reader's."""
    asked = [form.get(name) for name in ("platform", "workspace", "person")]
    for each in own:
        if [each.platform, each.workspace, each.external_id] == asked:
            return each
    raise NotFound


async def _reading_list(visit: Visit) -> Board:
    if visit.reader.membership is None:
        return Board("", (), notes=notes("I share no team with you now."))
    reply = await visit.ask("saved", {"page": visit.page})
    if not isinstance(reply, ReadingList):
        assert isinstance(reply, Notice)
        return Board("", (), notes=notes(reply.text, "Save a paper with the Save button on its page."))
    seen = await visit.site.services.talk.seen_by(visit.reader.origin, [row.paper.id for row in reply.rows])
    cards = tuple(read(row, reply.timezone, seen) for row in reply.rows)
    return Board("", cards, pager(reply.pages, "/me?page="))
