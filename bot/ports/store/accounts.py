"""Accounts, the identities that belong to them, and what proves who somebody is."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.account import Identity, Membership


class Accounts(Protocol):
    """Who is who over all platforms.

    Codes and sessions are kept as hashes alone: whoever reads the database can use none of them.
    """

    async def find(self, identity: Identity) -> int | None:
        """Return the id of an identity's account; None if it has none yet."""
        ...

    async def ensure(self, identity: Identity, now: datetime) -> int:
        """Return the id of an identity's account. It is created where there is none, and the name kept."""
        ...

    async def link(self, first: Identity, second: Identity, now: datetime) -> int:
        """Give two identities one account, with all that belonged to either of theirs. Return its id."""
        ...

    async def unlink(self, identity: Identity) -> bool:
        """Take an identity out of its account, and end all the account's sessions.

        Returns False if the account had no other identity. Then nothing changes.
        """
        ...

    async def identities(self, account_id: int) -> Sequence[Identity]:
        """Return an account's identities, the oldest first."""
        ...

    async def memberships(self, account_id: int) -> Sequence[Membership]:
        """Return the people that an account is, by team and then by id. Nobody else's team is among them."""
        ...

    async def memberships_of(self, account_ids: Collection[int]) -> Mapping[int, Sequence[Membership]]:
        """Return the same for several accounts. One that is nobody anywhere is left out."""
        ...

    async def put_code(self, code_hash: str, identity: Identity, expires: datetime) -> None:
        """Store a code that proves an identity once, in place of the identity's earlier one."""
        ...

    async def find_code(self, code_hash: str, now: datetime) -> Identity | None:
        """Return whose code it is; None if it is unknown or has expired."""
        ...

    async def take_code(self, code_hash: str, now: datetime) -> Identity | None:
        """Return whose code it is, and delete it, so that it serves once."""
        ...

    async def open_session(
        self, session_hash: str, account_id: int, now: datetime, expires: datetime
    ) -> None:
        """Store a browser's session."""
        ...

    async def find_sessions(self, session_hashes: Collection[str], now: datetime) -> Mapping[str, int]:
        """Return sessions' accounts. One that is unknown or has expired is left out."""
        ...

    async def close_session(self, session_hash: str) -> None:
        """End a session."""
        ...

    async def close_sessions(self, account_id: int) -> None:
        """End all sessions of an account."""
        ...

    async def sweep(self, now: datetime) -> None:
        """Delete expired codes and sessions."""
        ...
