"""The entry point of `paperclub`. It handles Ctrl-C even while Python still imports the libraries."""

import gc
import sys

INTERRUPTED = 130


def main() -> None:
    """Run the command line."""
    gc.disable()  # imports leave no garbage, and run faster without it; `app.cli` switches it on again
    try:
        from app.cli import main as run  # noqa: PLC0415 - this takes a second, in which somebody may press Ctrl-C

        run()
    except KeyboardInterrupt:
        sys.stderr.write("\nInterrupted.\n")
        raise SystemExit(INTERRUPTED) from None


if __name__ == "__main__":
    main()
