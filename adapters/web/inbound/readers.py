"""Who is reading: a visitor, or a person who signed in, with the teams that they are in."""

import hmac
import secrets
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response

from adapters.web import WEB
from adapters.web.inbound.services import WebServices
from adapters.web.limits import SESSION_LIFETIME
from bot.conversation.accounts import hash_of
from bot.domain.account import Membership
from bot.domain.channel import Channel, Origin

VISITOR = Origin(WEB, "public", "public", "visitor")
"""Acts in a team of its own that has nothing, so that commands show open papers alone."""
TEAM_COOKIE = "paperclub_team"
_LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass(frozen=True, slots=True)
class Reader:
    """Whoever asks for a page."""

    secret: str = ""
    """What the browser's cookie holds; forms are bound to it. Empty before the first form."""
    account_id: int | None = None
    memberships: tuple[Membership, ...] = ()
    """In the teams that they are in now. The team that they read as comes first."""
    silent: tuple[str, ...] = ()
    """The platforms that did not say whether they are in a team there."""

    @property
    def signed_in(self) -> bool:
        """Whether we know who it is."""
        return self.account_id is not None

    @property
    def membership(self) -> Membership | None:
        """The team that they read as, and who they are there."""
        return self.memberships[0] if self.memberships else None

    @property
    def name(self) -> str:
        """What people call them."""
        return self.memberships[0].person.name if self.memberships else ""

    @property
    def origin(self) -> Origin:
        """Where they act outside of any channel."""
        return self.membership.origin() if self.membership else VISITOR

    @property
    def form_token(self) -> str:
        """What a form of theirs carries; no other site can know it."""
        return hmac.new(self.secret.encode(), b"form", sha256).hexdigest() if self.secret else ""

    def holds(self, token: str) -> bool:
        """Whether a form's token is theirs."""
        return bool(self.secret) and hmac.compare_digest(self.form_token.encode(), token.encode())


class Readers:
    """Knows readers by their cookies."""

    def __init__(self, services: WebServices) -> None:
        self._services = services
        self._secure = services.public_url.startswith("https:")
        # A name with this prefix can only be set by this host, over https.
        prefix = "__Host-" if self._secure else ""
        self._session_cookie = f"{prefix}paperclub_session"
        self._form_cookie = f"{prefix}paperclub_form"
        self._demo_secret = secrets.token_urlsafe(32)

    async def of(self, request: Request) -> Reader:
        """Return who asks."""
        session, accounts = request.cookies.get(self._session_cookie, ""), self._services.accounts
        found = await accounts.session(session) if session else None
        if found is None and (demo := self._demo_account(request)) is not None:
            session, found = self._demo_secret, (demo, await accounts.current_memberships(demo))
        if found is None:
            return Reader(request.cookies.get(self._form_cookie, ""))
        account_id, current = found
        chosen = request.cookies.get(TEAM_COOKIE, "")
        ordered = sorted(current.memberships, key=lambda each: str(each.person.id) != chosen)
        silent = tuple(each.capitalize() for each in current.silent)
        return Reader(session, account_id, tuple(ordered), silent)

    def _demo_account(self, request: Request) -> int | None:
        """Return whom a visitor at this computer is taken for; None where the page is no demonstration.

        Another site can have its own name lead to this computer, but the browser then says that name.
        """
        return self._services.demo_account if request.url.hostname in _LOOPBACK else None

    def with_form(self, reader: Reader) -> Reader:
        """Return a reader who can be shown a form, with a new secret where they have none yet."""
        return reader if reader.secret else Reader(secrets.token_urlsafe(32))

    def keep_form(self, response: Response, reader: Reader) -> None:
        """Have a visitor's browser keep what their form is bound to. Others have their session for it."""
        if not reader.signed_in:
            self._set(response, self._form_cookie, reader.secret, None)

    async def sign_in(self, response: Response, account_id: int) -> None:
        """Open a session, always under a new secret."""
        secret, now = secrets.token_urlsafe(32), self._services.clock.now()
        async with self._services.store.writing() as tx:
            await tx.accounts.open_session(hash_of(secret), account_id, now, now + SESSION_LIFETIME)
        self._set(response, self._session_cookie, secret, int(SESSION_LIFETIME.total_seconds()))
        response.delete_cookie(self._form_cookie, secure=self._secure, httponly=True, samesite="lax")

    async def sign_out(self, response: Response, reader: Reader, *, everywhere: bool) -> None:
        """End a reader's session, or all of theirs."""
        async with self._services.store.writing() as tx:
            await tx.accounts.close_session(hash_of(reader.secret))
            if everywhere and reader.account_id is not None:
                await tx.accounts.close_sessions(reader.account_id)
        self.forget(response)

    def forget(self, response: Response) -> None:
        """Have a browser forget whose it was, with all that it was shown."""
        # Else whoever sits down at this computer next could go back to it.
        response.headers["Clear-Site-Data"] = '"cache"'
        for name in (self._session_cookie, TEAM_COOKIE):
            response.delete_cookie(name, secure=self._secure, httponly=True, samesite="lax")

    def choose_team(self, response: Response, membership: Membership) -> None:
        """Have the browser remember which team its person reads as."""
        self._set(response, TEAM_COOKIE, str(membership.person.id), int(SESSION_LIFETIME.total_seconds()))

    async def channels(self, reader: Reader) -> list[tuple[Membership, Channel]]:
        """Return the channels that they may read, and who they are there."""
        return await self._services.accounts.channels(reader.memberships)

    async def channel(self, reader: Reader, channel_id: str) -> tuple[Membership, Channel] | None:
        """Return a channel that they may read; None if there is none with this number, or they may not."""
        found = await self.channels(reader)
        return next((each for each in found if str(each[1].id) == channel_id), None)

    def _set(self, response: Response, name: str, value: str, seconds: int | None) -> None:
        response.set_cookie(
            name, value, max_age=seconds, secure=self._secure, httponly=True, samesite="lax", path="/"
        )
