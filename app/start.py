"""Where the command line begins, before its libraries are read: whoever interrupts that is told so too."""

import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    try:
        from app.cli import main as run  # noqa: PLC0415 - it takes a second, and Ctrl-C may come in it

        run()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        raise SystemExit(INTERRUPTED) from None
