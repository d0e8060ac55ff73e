"""What the program passes to a surface."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from bot.ports.clock import Clock
from bot.ports.coordination import RateLimiter
from bot.ports.secrets import Secrets, Signer
from bot.ports.store.store import Store


class TokenSecrets(Secrets, Signer, Protocol):
    """Encrypts tokens and signs texts, both with the operator's key."""


@dataclass(frozen=True, slots=True)
class SurfaceServices:
    """The services that every surface may use."""

    store: Store
    limiter: RateLimiter
    """Shared by all processes where there is a Redis server."""
    clock: Clock
    secrets: Callable[[], TokenSecrets]
    """Reads the operator's key. Raises UserError where it is missing or malformed."""
