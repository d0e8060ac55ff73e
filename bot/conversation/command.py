"""Defines a command: its name, parameters and handler. Every surface derives its own form from these."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
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
    """What a handler gets: who invoked the command where, its arguments, and the services to answer with."""

    context: Context
    arguments: Arguments
    services: Services
    conversation: Conversation
    now: datetime
    page: int = 1
    result_list: ResultList | None = None
    """The stored list whose page is turned; None for a new list."""
    stores_lists: bool = True
    """Whether a new list is stored for the buttons that turn its pages."""

    @property
    def today(self) -> date:
        """Today's date in the channel's time zone."""
        return self.now.astimezone(ZoneInfo(self.context.channel.settings.timezone)).date()


@dataclass(frozen=True, slots=True)
class FormValues:
    """A form's values by parameter name. `fixed` ones are passed to the command without a field."""

    title: str
    values: Mapping[str, str]
    fixed: Mapping[str, str] = field(default_factory=dict)


class ForPrograms(StrEnum):
    """What a command is for programs that act for a person, over REST or MCP."""

    NOTHING = "nothing"
    """Only people can use it."""
    READS = "reads"
    WRITES = "writes"
    BOTH = "both"
    """It shows something without arguments, and changes it with them."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command in the table of commands.

    `private`: only the person who invoked it sees the answer.
    `changes`: it changes stored data. Its handler runs before the platform gets its acknowledgement, so that
    a crash leads to a redelivery and not to a lost change. It must finish within Slack's three seconds.
    `programs` says what it is for programs: an operation of the REST interface, and a tool.
    `fill` returns the values of the command's form: for something new, or for the id of what to change.
    """

    name: str
    summary: str
    handle: Callable[[CommandContext], Awaitable[Reply]]
    parameters: tuple[Parameter[Any], ...] = ()
    examples: tuple[str, ...] = ()
    private: bool = False
    changes: bool = False
    programs: ForPrograms = ForPrograms.NOTHING
    fill: Callable[[CommandContext, int | None], Awaitable[FormValues]] | None = None

    @property
    def usage(self) -> str:
        """How to write the command, with all its parameters."""
        return " ".join([self.name, *(each.usage for each in self.parameters)])

    def needs_form(self, given: str | Mapping[str, str]) -> bool:
        """Whether required arguments are missing, and there is a form to ask for them."""
        return self.fill is not None and not given and any(each.required for each in self.parameters)

    def read(self, given: str | Mapping[str, str]) -> Arguments:
        """Parse this command's arguments.

        Raises:
            UserError: an argument is missing, unknown or invalid.

        """
        return read_arguments(given, self.parameters, self.usage)
