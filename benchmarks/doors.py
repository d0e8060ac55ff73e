"""Measure acks under attack: `python benchmarks/doors.py [SECONDS]`.

`paperclub run` is a process of its own behind signed HTTP. 50 people each give a command every eight
seconds. Slack's strict test server sends them from this process, and times the acks. At first there is
nobody else. Then a second process has 1,000 attackers: 600 send half of the headers or nothing, 200 send a
byte of a header every four seconds, 100 send half a body, and 100 send unsigned requests. Whoever is
disconnected comes again. At the end the attackers only hold the connections that they still have.
"""

import asyncio
import contextlib
import itertools
import os
import socket
import sqlite3
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import SIGNING_SECRET, Channel, Person

PEOPLE, SECONDS, EVERY = 50, 48.0, 8.0
TABLE = """\
| | acks | lost | p50, ms | p99, ms | log, bytes | rows | connections left |
|---|---|---|---|---|---|---|---|"""
HALVES = 600, 200, 100, 100
HEAD = b"POST /slack/events HTTP/1.1\r\nHost: bot.example\r\n"
BODY = b"Content-Type: application/json\r\nContent-Length: 1\r\nConnection: close\r\n\r\n{"
FORGED = b"X-Slack-Request-Timestamp: 1\r\nX-Slack-Signature: v0=0\r\n"
INSTALL = b"GET /slack/install HTTP/1.1\r\nHost: bot.example\r\n\r\n"
UNSIGNED = itertools.cycle((HEAD + BODY, HEAD + FORGED + BODY, INSTALL, b"?\r\n\r\n"))


async def caller(number: int, port: int, ends: asyncio.Event) -> None:
    """Act as one attacker, who reconnects until `ends` is set."""
    only_head, trickling, half_body, _ = itertools.accumulate(HALVES)
    while not ends.is_set():
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            if number < only_head:
                writer.write(HEAD if number % 2 else b"")
            elif number < trickling:
                await trickle(reader, writer)
            elif number < half_body:
                writer.write(HEAD + b"Content-Length: 100\r\n\r\n{")
            else:
                writer.write(next(UNSIGNED))
                await asyncio.sleep(1)
            await reader.read()
            writer.close()


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send a byte every four seconds."""
    writer.write(HEAD)
    while not reader.at_eof() and not reader.exception():
        writer.write(b"X")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(reader.read(), 4)


async def attack(port: int) -> None:
    """Act as all attackers until standard input ends, and then keep the connections."""
    os.nice(19)  # they would come from machines of their own
    ends = asyncio.Event()
    callers = [asyncio.create_task(caller(number, port, ends)) for number in range(sum(HALVES))]
    await asyncio.to_thread(sys.stdin.read)
    ends.set()
    await asyncio.wait(callers)


async def commands(slack: SlackServer, seconds: float) -> list[float]:
    """Give commands as all people. Returns the seconds to each ack, infinity for one that failed."""
    ends = asyncio.get_running_loop().time() + seconds

    async def one(number: int) -> list[float]:
        times: list[float] = []
        await asyncio.sleep(EVERY * number / PEOPLE)
        while asyncio.get_running_loop().time() < ends:
            sent = await slack.command(f"UA{number}", f"CA{number}", "/papers", "help")
            times.append(float("inf") if sent.seconds is None else sent.seconds)
            await asyncio.sleep(EVERY)
        return times

    return list(itertools.chain(*await asyncio.gather(*(one(number) for number in range(PEOPLE)))))


@contextlib.asynccontextmanager
async def running(slack: SlackServer, folder: Path) -> AsyncIterator["Bot"]:
    """Run the bot behind signed HTTP."""
    log = folder / "log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "PAPERCLUB_SLACK_API_URL": slack.base_url,
        "PAPERCLUB_SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "PAPERCLUB_SLACK_BOT_TOKEN": slack.bot_token,
        "PAPERCLUB_DATA_DIR": str(folder),
        "PAPERCLUB_PORT": str(port),
        "PAPERCLUB_INGEST_MINUTES": "0",
    }
    slack.request_url = f"http://127.0.0.1:{port}/slack/events"
    with log.open("wb") as written:
        bot = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.start", "run", env=environment, stderr=written, stdout=written
        )
        try:
            while not await asyncio.to_thread(healthy, port):  # noqa: ASYNC110 - it has no event of its own
                await asyncio.sleep(0.2)
            yield Bot(bot.pid, port, folder)
        finally:
            bot.terminate()
            await bot.wait()


def healthy(port: int) -> bool:
    """Whether the bot answers."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def at(share: float, times: Sequence[float]) -> float:
    """Return a quantile of the times, in ms."""
    return 1000 * sorted(times)[min(len(times) - 1, int(share * len(times)))]


@dataclass(frozen=True)
class Bot:
    """The bot's process, as its operator sees it."""

    process: int
    port: int
    folder: Path

    @property
    def log(self) -> int:
        """The bytes that it has logged."""
        return (self.folder / "log").stat().st_size

    @property
    def files(self) -> int:
        """The number of its open files and connections."""
        return len(list(Path(f"/proc/{self.process}/fd").iterdir()))

    @property
    def rows(self) -> int:
        """The number of rows in its database."""
        with contextlib.closing(sqlite3.connect(self.folder / "paperclub.db")) as link:
            tables = link.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            counts = (f'SELECT count(*) FROM "{name}"' for (name,) in tables)  # noqa: S608 - our own tables
            return sum(link.execute(each).fetchone()[0] for each in counts)


async def main(seconds: float) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as name:
        async with SlackServer(clock=time.time) as slack, running(slack, Path(name)) as bot:
            slack.rates.on = False  # Slack's pace is not what is measured.
            for number in range(PEOPLE):
                person = Person(f"UA{number}", f"person{number}")
                slack.world.people[person.id] = person
                channel = Channel(f"CA{number}", f"channel{number}", members={person.id, "U0BOT"})
                slack.world.channels[channel.id] = channel
            await commands(slack, 2 * EVERY)  # so that names are known
            print(TABLE, flush=True)
            log, rows = bot.log, bot.rows
            idle = await commands(slack, seconds)
            files = bot.files
            print(line("idle", idle, bot.log - log, bot.rows - rows, 0), flush=True)
            log, rows = bot.log, bot.rows
            attacked = await under_attack(slack, bot, seconds)
            left = max(0, bot.files - files)
            print(line("attacked", attacked, bot.log - log, bot.rows - rows, left))
    print(f"\nUnder attack p99 is {at(0.99, attacked) / at(0.99, idle):.2f} times that of idle.")


async def under_attack(slack: SlackServer, bot: Bot, seconds: float) -> list[float]:
    """Give commands under attack, and wait until the bot has closed the attackers' connections."""
    strangers = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "attack", str(bot.port), stdin=asyncio.subprocess.PIPE
    )
    assert strangers.stdin is not None
    await asyncio.sleep(5)  # until all of them are there
    times = await commands(slack, seconds)
    strangers.stdin.close()
    await asyncio.sleep(12)
    if strangers.returncode is None:
        strangers.kill()
    await strangers.wait()
    return times


def line(name: str, times: Sequence[float], log: int, rows: int, left: int) -> str:
    """One row of the table."""
    lost, p50, p99 = times.count(float("inf")), at(0.5, times), at(0.99, times)
    return f"| {name} | {len(times)} | {lost} | {p50:.0f} | {p99:.0f} | {log} | {rows} | {left} |"


if __name__ == "__main__":
    if sys.argv[1:2] == ["attack"]:
        asyncio.run(attack(int(sys.argv[2])))
    else:
        asyncio.run(main(float(sys.argv[1]) if sys.argv[1:] else SECONDS))
