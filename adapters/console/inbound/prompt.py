"""The line that is typed on a terminal: history, completion, and room above it for what comes meanwhile."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path

from prompt_toolkit import PromptSession
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.history import FileHistory
from prompt_toolkit.patch_stdout import patch_stdout

from adapters.console.controls import CONTROLS


class NameCompleter(Completer):
    """Completes the first word: the bot's commands and the console's controls."""

    def __init__(self, commands: Mapping[str, str]) -> None:
        """Take the commands with their summaries."""
        controls = {
            control.usage.split()[0]: control.summary
            for control in CONTROLS.values()
            if control.usage.startswith("/")
        }
        self._meanings = {**commands, **controls}

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - the base class's signature
        """Offer the names that begin with what was typed."""
        typed = document.text_before_cursor.removeprefix("/papers ").lstrip().lower()
        if " " in typed:
            return
        for name, meaning in self._meanings.items():
            if name.startswith(typed):
                yield Completion(name, start_position=-len(typed), display_meta=meaning)


async def typed_lines(
    prompt: Callable[[], str], commands: Mapping[str, str], typed_before: Path
) -> AsyncIterator[str]:
    """Give the lines that are typed, until Ctrl-D; Ctrl-C drops the line that is being typed.

    `prompt` gives coloured text. Only while it waits does output go above it; answers are written
    straight to the terminal.
    """
    typed_before.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(typed_before)),
        auto_suggest=AutoSuggestFromHistory(),
        completer=NameCompleter(commands),
        complete_while_typing=False,
    )
    while True:
        try:
            with patch_stdout(raw=True):
                line = await session.prompt_async(ANSI(prompt()))
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield line
