"""Scripts: lines to type, and beside them what is expected to come of each."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.domain.errors import UserError

_EXPECT = "# expect"


@dataclass(slots=True)
class Step:
    """One line of a script; `number` is its place in the file."""

    number: int
    line: str
    texts: list[tuple[int, str]] = field(default_factory=list)
    """What the answer must say, each with its own place in the file."""
    error: bool = False
    """Whether the answer must be an error."""

    @property
    def remark(self) -> bool:
        """Whether it is only there to be read."""
        return is_remark(self.line)


def is_remark(line: str) -> bool:
    """Whether a line is a comment: a `#` alone or before a blank, unlike `#57`."""
    return line.startswith("# ") or line == "#"


def read_script(lines: Iterable[str]) -> list[Step]:
    """Read a script: `# expect: TEXT` and `# expect error` belong to the line above them.

    Raises:
        UserError: an expectation has no line to belong to, or is not understood.

    """
    steps: list[Step] = []
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if line.lower().startswith(_EXPECT):
            _expect(steps, number, line[len(_EXPECT) :])
        elif line:
            steps.append(Step(number, line))
    return steps


def _expect(steps: list[Step], number: int, wanted: str) -> None:
    if not steps or steps[-1].remark:
        raise UserError(f"line {number}: there is no line above that this could be expected of")
    text = wanted.removeprefix(":").strip()
    if wanted.strip().lower() == "error":
        steps[-1].error = True
    elif wanted.startswith(":") and text:
        steps[-1].texts.append((number, text))
    else:
        raise UserError(f"line {number}: write `# expect: TEXT` or `# expect error`")
