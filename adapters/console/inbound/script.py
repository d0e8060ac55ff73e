"""Scripts: lines to type, and what each must lead to."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.errors import UserError

_EXPECT = "# expect"


@dataclass(slots=True)
class Step:
    """One line of a script; `number` is its line number in the file."""

    number: int
    line: str
    texts: list[tuple[int, str]] = field(default_factory=list)
    """Texts that the reply must contain, each with the line number of its expectation."""
    error: bool = False
    """Whether the reply must be an error."""

    @property
    def is_comment(self) -> bool:
        """Whether the line is a comment, which is shown and not entered."""
        return is_comment(self.line)


def is_comment(line: str) -> bool:
    """Whether a line is a comment: a `#` alone or before a blank. `#57` is a paper's number."""
    return line.startswith("# ") or line == "#"


def read_script(lines: Iterable[str]) -> list[Step]:
    """Parse a script. `# expect: TEXT` and `# expect error` belong to the line above them.

    Raises:
        UserError: an expectation has no line above it, or has neither form.

    """
    steps: list[Step] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line.lower().startswith(_EXPECT):
            _expect(steps, number, line[len(_EXPECT) :])
        elif line:
            steps.append(Step(number, line))
    return steps


def _expect(steps: list[Step], number: int, expectation: str) -> None:
    if not steps or steps[-1].is_comment:
        raise UserError(f"line {number}: there is no line above that this could be expected of")
    text = expectation.removeprefix(":").strip()
    if expectation.strip().lower() == "error":
        steps[-1].error = True
    elif expectation.startswith(":") and text:
        steps[-1].texts.append((number, text))
    else:
        raise UserError(f"line {number}: write `# expect: TEXT` or `# expect error`")
