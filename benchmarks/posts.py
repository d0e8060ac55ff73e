"""Whether daily posts are lost or doubled, and how fast they go: `python benchmarks/posts.py --help`.

Worker processes post digests to a strict server of the platform, which runs in a process of its own and keeps
the record that counts, while workers are killed, servers crash and answers do not come. Time passes faster
for all of them where there are faults; docs/faults.md tells what is done and what came of it.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.faults.kinds import KINDS
from tests.faults.platforms import PLATFORMS
from tests.faults.run import CLOCKS, WITHOUT, Outcome, Run, carried_out
from tests.faults.scene import POSTS


def main() -> None:
    """Do a run, and print its table; the last line is the verdict."""
    run = _options()
    folder = Path(tempfile.mkdtemp(prefix="paperclub-posts-"))
    outcome = asyncio.run(carried_out(run, folder))
    if outcome.good:
        shutil.rmtree(folder)
    else:
        print(f"What the workers wrote down is kept in {folder}.")
    report(run, outcome)
    sys.exit(not outcome.good)


def _options() -> Run:
    parser = argparse.ArgumentParser(description="Count lost and doubled posts.", allow_abbrev=False)
    parser.add_argument("--digests", type=int, default=1000, help=f"how many, of {POSTS} posts each")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--workers", type=int, default=2, help="how many processes")
    parser.add_argument("--platform", choices=sorted(PLATFORMS), default="slack")
    parser.add_argument("--faults", default="all", help=f"all, none, or some of {','.join(KINDS)}")
    parser.add_argument(
        "--without", default="", choices=WITHOUT, help="what to take away: the run has to fail"
    )
    parser.add_argument(
        "--clock", default="", choices=sorted(CLOCKS), help="how wrong every other worker's clock is"
    )
    parser.add_argument("--times", type=int, help="how many faults in all; one in ten posts where not given")
    options = parser.parse_args()
    named = {"all": tuple(KINDS), "none": ()}
    faults = named.get(options.faults, tuple(options.faults.split(",")))
    if strange := set(faults) - KINDS.keys():
        parser.error(f"there is no fault called {', '.join(sorted(strange))}")
    times = options.digests * POSTS // 10 if options.times is None else options.times
    times = times if faults else 0
    return Run(
        options.digests,
        options.database,
        options.workers,
        options.platform,
        options.seed,
        faults,
        times,
        haste=20.0 if times else 1.0,
        without=options.without,
        clock=options.clock,
    )


def report(run: Run, outcome: Outcome) -> None:
    """Print what went wrong how often, and what came of it."""
    taken_away = f", without the {run.without}" if run.without else ""
    clock = f", clock {run.clock}" if run.clock else ""
    print(f"{run.platform}, {run.database}, {run.workers} workers, seed {run.seed}{clock}{taken_away}")
    for kind, times in sorted(outcome.met.items(), key=lambda each: list(KINDS).index(each[0])):
        print(f"{KINDS[kind]:65}{times:6}")
    print(f"{'calls that came to the platform':65}{outcome.tried:6}")
    print(f"{'calls refused in a storm':65}{outcome.refused:6}")
    print(f"{'workers that could not begin, for want of a database':65}{outcome.not_begun:6}")
    print(f"{'posts given up':65}{outcome.given_up:6}")
    rate = outcome.count.sent / outcome.seconds if outcome.seconds else 0.0
    haste = f", time passing {run.haste:.0f} times as fast" if run.haste != 1 else ""
    print(f"{outcome.count.sent} posts in {outcome.seconds:.1f} s: {rate:.0f} a second{haste}")
    if not outcome.finished:
        print("The deadline came before everything was settled.")
    if not outcome.orderly:
        print("A worker failed at its work, or did not stop in order when it was asked.")
    count = outcome.count
    print(f"{count.sent} sent, {count.lost} lost, {count.doubled} doubled")


if __name__ == "__main__":
    main()
