"""Fuzz every target for its share of some minutes, and tell what was found: `make fuzz`.

A finding is told with the example that it came from; make it a test of its own where the mended code lies.
"""

import argparse
import itertools
import sys
import time
import traceback
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.targets import TARGETS, Target

EXAMPLES = 500
"""In one go, with a seed of its own."""
TOLD = 1500
"""Characters of a finding: its end has the error and the example."""
SLOW = 5.0
"""Seconds that no example may take."""


@dataclass
class Tally:
    """What came of a target."""

    examples: int = 0
    slowest: float = 0.0
    findings: dict[str, str] = field(default_factory=dict)
    """By where they were raised: the example, and the whole traceback."""


def main() -> int:
    """Fuzz; 1 where anything was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--only", default="", help="a word in the names of the targets to fuzz")
    parser.add_argument("--seed", type=int, default=None, help="where to begin, to do the same again")
    given_ = parser.parse_args()
    first = given_.seed if given_.seed is not None else time.time_ns() % 10**9
    chosen = {name: target for name, target in TARGETS.items() if given_.only in name}
    print(f"seeds from {first}", flush=True)  # noqa: T201 - a script
    found = False
    for name, target in chosen.items():
        tally = fuzz(target, 60 * given_.minutes / len(chosen), first)
        told = f"{tally.examples:,} examples, slowest {tally.slowest:.2f} s, {len(tally.findings)} findings"
        print(f"{name}: {told}", flush=True)  # noqa: T201 - a script
        for text in tally.findings.values():
            print(text, flush=True)  # noqa: T201 - a script
        found = found or bool(tally.findings)
    return int(found)


def fuzz(target: Target, seconds: float, first: int) -> Tally:
    """Feed a target until its time is up."""
    tally, end = Tally(), time.monotonic() + seconds

    def check(example: object) -> None:
        tally.examples += 1
        began = time.monotonic()
        target.check(example)
        took = time.monotonic() - began
        tally.slowest = max(tally.slowest, took)
        assert took < SLOW, f"it took {took:.1f} s"

    for number in itertools.count(first):
        if time.monotonic() > end:
            return tally
        run = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )(given(target.fed)(check))
        try:
            seed(number)(run)()
        except Exception as error:  # noqa: BLE001 - a finding, whatever it is
            last = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{last.filename}:{last.lineno} {type(error).__name__}"
            tally.findings.setdefault(
                where, f"seed {number}\n{''.join(traceback.format_exception(error))[-TOLD:]}"
            )
    raise AssertionError("numbers do not end")


if __name__ == "__main__":
    sys.exit(main())
