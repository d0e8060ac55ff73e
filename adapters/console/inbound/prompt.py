"""The input line on a terminal, with history and completion."""

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
        """`commands` maps each name to its summary."""
        controls = {
            control.usage.split()[0]: control.summary
            for control in CONTROLS.values()
            if control.usage.startswith("/")
        }
        self._meanings = {**commands, **controls}

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:  # noqa: ARG002 - the base class's signature
        """Yield the names that begin with the first word so far."""
        typed = document.text_before_cursor.removeprefix("/papers ").lstrip().lower()
        if " " in typed:
            return
        for name, meaning in self._meanings.items():
            if name.startswith(typed):
                yield Completion(name, start_position=-len(typed), display_meta=meaning)


async def typed_lines(
    prompt: Callable[[], str], commands: Mapping[str, str], history_file: Path
) -> AsyncIterator[str]:
    """Yield the typed lines until Ctrl-D. Ctrl-C drops the current line.

    `prompt` returns text with colour codes. Output of others, such as a digest, appears above the input line.
    """
    history_file.parent.mkdir(parents=True, exist_ok=True)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history_file)),
        auto_suggest=AutoSuggestFromHistory(),
        completer=NameCompleter(commands),
        complete_while_typing=False,
    )
    while True:
        try:
            # Only around the input, as replies are written straight to the terminal.
            with patch_stdout(raw=True):
                line = await session.prompt_async(ANSI(prompt()))
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield line
