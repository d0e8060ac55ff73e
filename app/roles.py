"""The roles that a process of `paperclub run` can have."""

from enum import StrEnum


class Role(StrEnum):
    """One process may do everything. Or several share the work, any number in each role."""

    ALL = "all"
    WORKER = "worker"
    """Plans and sends posts, and polls the sources. No platform has to reach it."""
    GATEWAY = "gateway"
    """Receives people's events, by socket or HTTP request, and answers them."""

    @property
    def works(self) -> bool:
        """Whether the process plans and sends posts, and polls the sources."""
        return self is not Role.GATEWAY

    @property
    def listens(self) -> bool:
        """Whether the process receives people's events."""
        return self is not Role.WORKER
