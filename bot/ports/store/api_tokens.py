"""Tokens for programs, and secret addresses of feeds. Only their hashes are stored."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from bot.domain.api_token import ApiToken, FeedAddress, Scope
from bot.domain.channel import Context


class ApiTokens(Protocol):
    """Tokens with which programs act for a person."""

    async def add(
        self,
        context: Context,
        name: str,
        token_hash: str,
        *,
        scopes: Collection[Scope],
        now: datetime,
        expires: datetime,
    ) -> bool:
        """Store a token of the person. Returns False if they have one of this name."""
        ...

    async def find(self, token_hash: str, now: datetime) -> ApiToken | None:
        """Return a token; None if it is unknown or has expired."""
        ...

    async def of_person(self, context: Context) -> Sequence[ApiToken]:
        """Return a person's tokens by name, expired ones too."""
        ...

    async def end(self, context: Context, name: str) -> bool:
        """Delete the person's token of this name. Returns False if there is none."""
        ...

    async def mark_used(self, token_id: int, day: date) -> None:
        """Record the day on which a token was last used."""
        ...


class FeedAddresses(Protocol):
    """Secret addresses of feeds. Without a channel, they are of the person's reading list."""

    async def add(
        self, context: Context, channel_id: int | None, address_hash: str, now: datetime, keep: int
    ) -> None:
        """Store an address. The person keeps `keep` of this feed: those used or made last."""
        ...

    async def find(self, address_hash: str) -> FeedAddress | None:
        """Return an address; None if it is unknown."""
        ...

    async def end(self, context: Context, channel_id: int | None) -> int:
        """Delete the person's addresses of a feed. Returns how many there were."""
        ...

    async def mark_used(self, address_id: int, day: date) -> None:
        """Record the day on which an address was last used."""
        ...
