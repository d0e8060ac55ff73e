"""What a command is: a name, parameters and a handler, from which every surface's own form of it is made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from bot.conversation.services import Services
from bot.domain.channel import Context
from bot.domain.history import ResultList
from bot.ports.surface import Conversation
from bot.protocol.arguments import Arguments, Parameter, read_arguments
from bot.protocol.replies import Reply


@dataclass(frozen=True, slots=True)
class CommandContext:
    """One use of a command."""

    context: Context
    arguments: Arguments
    services: Services
    conversation: Conversation
    now: datetime
    page: int = 1
    result_list: ResultList | None = None
    """The list whose page is turned, None where it is asked for the first time."""

    @property
    def today(self) -> date:
        """The date where the channel is."""
        return self.now.astimezone(ZoneInfo(self.context.channel.settings.timezone)).date()


@dataclass(frozen=True, slots=True)
class FormValues:
    """What stands in a form, by parameter name; what is `kept` is not asked for."""

    title: str
    values: Mapping[str, str]
    kept: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Command:
    """A command as the table holds it.

    A `private` one answers only the person who asks. One that `changes` what is kept has done so before the
    platform is told that it was taken, so it must be quick. One that can be filled in as a form says with
    `fill` what stands in it, by parameter name: for something new, or for the number of what it changes.
    """

    name: str
    summary: str
    handle: Callable[[CommandContext], Awaitable[Reply]]
    parameters: tuple[Parameter[Any], ...] = ()
    examples: tuple[str, ...] = ()
    private: bool = False
    changes: bool = False
    fill: Callable[[CommandContext, int | None], Awaitable[FormValues]] | None = None

    @property
    def usage(self) -> str:
        """How the whole command is written."""
        return " ".join([self.name, *(each.usage for each in self.parameters)])

    def read(self, given: str | Mapping[str, str]) -> Arguments:
        """Read arguments for this command.

        Raises:
            UserError: they do not fit.

        """
        return read_arguments(given, self.parameters, self.usage)
