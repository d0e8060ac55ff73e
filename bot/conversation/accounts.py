"""Links somebody's identities on several platforms, and tells which channels they may read."""

import asyncio
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from cachetools import TLRUCache

from bot.conversation.batching import Batcher, SharedCalls
from bot.domain.account import CurrentMemberships, Identity, Membership
from bot.domain.channel import Channel, Context, Platform
from bot.domain.errors import DeliveryError, NotSent, UserError
from bot.ports.clock import Clock
from bot.ports.store.store import Store
from bot.ports.surface import Surface

CODE_LIFETIME = timedelta(minutes=10)
MEMBERSHIP_SECONDS = 60
"""How long somebody who has left a channel or a workspace may still read its things."""
SILENCE_SECONDS = 30
"""How long a platform that did not say is not asked again for the same person. Each request to a platform
that hangs waits for its client's limit, and so does every page that needs its answer."""
CACHE_SIZE = 10_000
SESSIONS_AT_ONCE = 64
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without signs that look alike."""
_CODE_LENGTH = 8


class AccountLinker:
    """Knows who is who: a code shown on one platform and entered on another makes both one person."""

    def __init__(self, store: Store, surfaces: Mapping[Platform, Surface], clock: Clock) -> None:
        self._store = store
        self._surfaces = surfaces
        self._clock = clock
        self._members: TLRUCache[Membership, bool | _Silent] = _remembering(clock)
        self._channels: TLRUCache[Membership, frozenset[str] | _Silent] = _remembering(clock)
        # Whoever comes while a platform is being asked waits for that answer, and asks for no other.
        self._ask_member = SharedCalls(self._asked_member)
        self._ask_channels = SharedCalls(self._asked_channels)
        self._find_session = Batcher(self._find_sessions, SESSIONS_AT_ONCE)

    def identity(self, platform: Platform, workspace: str, person: str, name: str = "") -> Identity:
        """Return the identity of a platform's person. A platform with the same ids everywhere has one."""
        shared = self._surfaces[platform].shared_ids
        return Identity(platform, "" if shared else workspace, person, name)

    def identity_of(self, context: Context) -> Identity:
        """Return the identity of the person in a context."""
        channel, person = context.channel, context.person
        return self.identity(channel.platform, channel.workspace, person.external_id, person.name)

    async def new_code(self, identity: Identity) -> str:
        """Return a code such as `7KQM-3XWP` that proves the identity once, within CODE_LIFETIME."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        async with self._store.writing() as tx:
            await tx.accounts.put_code(hash_of(code), identity, self._clock.now() + CODE_LIFETIME)
        return f"{code[:4]}-{code[4:]}"

    async def owner_of(self, code: str) -> Identity:
        """Return whose code it is.

        Raises:
            UserError: nobody's, or it has expired.

        """
        async with self._store.reading() as tx:
            return _known(await tx.accounts.find_code(hash_of(_plain(code)), self._clock.now()))

    async def redeem(self, code: str, identity: Identity) -> int:
        """Link an identity with that of the code's owner, and return their account. The code is used up.

        Raises:
            UserError: the code is nobody's or has expired, or it is the identity's own.

        """
        if _same(await self.owner_of(code), identity):
            raise UserError("That is your own code. Enter it in the other app, or on the web page.")
        now = self._clock.now()
        async with self._store.writing() as tx:
            owner = _known(await tx.accounts.take_code(hash_of(_plain(code)), now))
            return await tx.accounts.link(owner, identity, now)

    async def account_by(self, code: str) -> int:
        """Return the account of a code's owner. The code is used up.

        Raises:
            UserError: it is nobody's, or has expired.

        """
        now = self._clock.now()
        async with self._store.writing() as tx:
            owner = _known(await tx.accounts.take_code(hash_of(_plain(code)), now))
            return await tx.accounts.ensure(owner, now)

    async def session(self, secret: str) -> tuple[int, CurrentMemberships] | None:
        """Return the account that a browser's session is for, and its person's teams of now.

        None if the session is unknown or has ended. Sessions that are looked up at the same time are read in
        one transaction.
        """
        found = await self._find_session(hash_of(secret))
        if found is None:
            return None
        account_id, known = found
        return account_id, await self._current(known)

    async def current_memberships(self, account_id: int) -> CurrentMemberships:
        """Return who an account's person is in the teams that they are in now.

        They are in a team while one platform says so. Where a platform does not answer, it says nothing: the
        team's things are hidden for the moment, but those of the person's other teams stay readable.
        """
        async with self._store.reading() as tx:
            known = await tx.accounts.memberships(account_id)
        return await self._current(known)

    async def _current(self, known: Sequence[Membership]) -> CurrentMemberships:
        # All at once: platforms that hang would else hold the page up one after the other.
        answers = await asyncio.gather(*map(self._vouches, known))
        asked = list(zip(known, answers, strict=True))
        teams = {each.team_id for each, vouches in asked if vouches}
        silent = {each.platform for each, vouches in asked if vouches is None}
        return CurrentMemberships([each for each in known if each.team_id in teams], sorted(silent))

    async def _vouches(self, membership: Membership) -> bool | None:
        """Whether a platform says that a person is in the workspace; None if it does not say."""
        try:
            return await self.is_member(membership)
        except DeliveryError:
            return None

    async def _find_sessions(
        self, session_hashes: Sequence[str]
    ) -> list[tuple[int, Sequence[Membership]] | None]:
        async with self._store.reading() as tx:
            accounts = await tx.accounts.find_sessions(set(session_hashes), self._clock.now())
            known = await tx.accounts.memberships_of(set(accounts.values()))
        found = {name: (account_id, known.get(account_id, ())) for name, account_id in accounts.items()}
        return [found.get(each) for each in session_hashes]

    async def is_member(self, membership: Membership) -> bool:
        """Whether a person is in the workspace now. A platform that is not set up here vouches for nobody.

        Raises:
            DeliveryError: the platform does not say.

        """
        known = self._members.get(membership)
        if known is None:
            known = await self._ask_member(membership)
        if isinstance(known, _Silent):
            raise NotSent(known)
        return known

    async def _asked_member(self, membership: Membership) -> "bool | _Silent":
        if (known := self._members.get(membership)) is not None:
            return known
        surface = self._surfaces.get(membership.platform)
        if surface is None:
            return False
        try:
            found: bool | _Silent = await surface.is_member(
                membership.workspace, membership.person.external_id
            )
        except DeliveryError as failure:
            found = _Silent(failure)
        self._members[membership] = found
        return found

    async def channels(self, memberships: Sequence[Membership]) -> list[tuple[Membership, Channel]]:
        """Return the channels that somebody with these memberships may read, each with who they are there."""
        readable = {each: await self.readable_channels(each) for each in memberships}
        if not any(readable.values()):
            return []
        async with self._store.reading() as tx:
            return [
                (each, channel)
                for each in memberships
                if readable[each]
                for channel in await tx.directory.shared_channels(
                    each.platform, each.workspace, readable[each]
                )
            ]

    async def readable_channels(self, membership: Membership) -> frozenset[str]:
        """Return the platform's ids of the channels that a person may read; none if it does not say now."""
        known = self._channels.get(membership)
        if known is None:
            known = await self._ask_channels(membership)
        return frozenset() if isinstance(known, _Silent) else known

    async def _asked_channels(self, membership: Membership) -> "frozenset[str] | _Silent":
        if (known := self._channels.get(membership)) is not None:
            return known
        surface = self._surfaces.get(membership.platform)
        if surface is None:
            return frozenset()
        try:
            found: frozenset[str] | _Silent = await surface.channels_of(
                membership.workspace, membership.person.external_id
            )
        except DeliveryError as failure:
            found = _Silent(failure)
        self._channels[membership] = found
        return found


class _Silent(str):
    """Why a platform did not say."""

    __slots__ = ()


def _remembering(clock: Clock) -> TLRUCache[Membership, Any]:
    """Return a cache of what platforms say of people. That they say nothing is remembered more briefly."""

    def until(_: Membership, answer: object, now: float) -> float:
        return now + (SILENCE_SECONDS if isinstance(answer, _Silent) else MEMBERSHIP_SECONDS)

    return TLRUCache(CACHE_SIZE, until, clock.elapsed)


def hash_of(secret: str) -> str:
    """Return the hash under which a random code or session is stored."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _plain(code: str) -> str:
    """Return a code as it was made, however somebody has typed it."""
    return "".join(sign for sign in code.upper() if sign.isalnum())


def _known(identity: Identity | None) -> Identity:
    if identity is None:
        raise UserError(
            "I don't know that code. A code lasts ten minutes and serves once: get a new one with `link`."
        )
    return identity


def _same(first: Identity, second: Identity) -> bool:
    return (first.platform, first.workspace, first.external_id) == (
        second.platform,
        second.workspace,
        second.external_id,
    )
