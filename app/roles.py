"""What a process of `paperclub run` does of all that there is to do."""

from enum import StrEnum


class Role(StrEnum):
    """One process may do everything; several may share it, any number of each role."""

    ALL = "all"
    WORKER = "worker"
    """Plans and sends posts and asks the sources. It calls others, and nobody has to call it."""
    GATEWAY = "gateway"
    """Hears people and answers them, over the platforms' sockets and as the target of their requests."""

    @property
    def works(self) -> bool:
        """Whether it plans, sends and fetches."""
        return self is not Role.GATEWAY

    @property
    def listens(self) -> bool:
        """Whether it hears people."""
        return self is not Role.WORKER
