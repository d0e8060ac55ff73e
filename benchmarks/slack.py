"""Measure commands in Slack: `python benchmarks/slack.py [ROUNDS]`.

The time is from when the test server sends a slash command over Socket Mode until it has the answer. Two
apps, each a process of its own, alternate: `paperclub run` over the 116 sample papers, and a bare Bolt app
that answers a fixed text in the same way: `respond` for a private answer, `chat.postMessage` for a public
one. Commands come one at a time, and 50 at once, each by another person in another channel. All people are
known already, and searches are distinct. The CPU time of each app for a command is reported too, as other
load on the machine changes it little. On a busy machine set OMP_NUM_THREADS=1: the model's threads spin
while they wait.
"""

import asyncio
import contextlib
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from rich.console import Console
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from app.intake import import_file
from app.settings import Settings
from app.wiring import assembled
from tests.servers.slack.server import SlackServer
from tests.servers.slack.state import Channel, Person, Token

TOGETHER = 50
ROUNDS = 12
ACK_SECONDS = 4
"""Seconds to wait for an ack, which is late after 3."""
ALONE = 100
HEAD = """\
| | at once | bare: median, ms | p99 | ours: median | p99 | ratio | late acks | CPU of bare | of ours |
|---|---|---|---|---|---|---|---|---|---|"""
WORDS = ("experts", "attention", "robots", "speech", "proteins", "agents", "images", "retrieval")
COMMANDS: dict[str, Callable[[int], str]] = {
    "help": lambda _: "help",
    "show": lambda number: f"show #{1 + number % 100}",
    "search": lambda number: f"search {WORDS[number % 8]} with {WORDS[number // 8 % 8]} {number}",
}


class Watched(SlackServer):
    """A server that notes when the answer to each channel's command has come."""

    def __post_init__(self) -> None:
        """Have as many channels as there are commands at once, each with a person of its own."""
        super().__post_init__()
        self.answered: dict[str, asyncio.Future[float]] = {}
        self.process = 0
        self.echoes = False
        self.rates.on = False  # Slack's pace is not what is measured.
        for number in range(TOGETHER):
            person = Person(f"UA{number}", f"person{number}")
            members = {person.id, "U0BOT"}
            self.world.people[person.id] = person
            self.world.channels[f"CA{number}"] = Channel(f"CA{number}", f"channel{number}", members=members)
        original = self.responses.take

        def take(url: Any, body: Any) -> Any:
            self.note(url.channel)
            return original(url, body)

        self.responses.take = take  # type: ignore[method-assign]  # a benchmark watches from outside

    def note(self, channel: str) -> None:
        """Note that the answer in this channel has come."""
        waiting = self.answered.get(channel)
        if waiting is not None and not waiting.done():
            waiting.set_result(time.perf_counter())

    async def _carried_out(self, method: str, token: Token, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == "chat.postMessage":
            self.note(str(arguments["channel"]))
        return await super()._carried_out(method, token, arguments)

    async def ask(self, number: int, text: str) -> tuple[float, bool]:
        """Run a command as one of the people: the seconds to its answer, and whether its ack was late."""
        channel = f"CA{number}"
        self.answered[channel] = asyncio.get_running_loop().create_future()
        start = time.perf_counter()
        sent = await self.command(f"UA{number}", channel, "/papers", text)
        end = await asyncio.wait_for(self.answered[channel], 60)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(sent.done.wait(), ACK_SECONDS)
        return end - start, sent.seconds is None or sent.late


@dataclass
class Figures:
    """What was measured of one app."""

    seconds: list[float]
    late: int = 0
    """Commands for which Slack would have shown that the app did not respond."""
    spent: float = 0
    """Processor seconds."""

    def at(self, share: float) -> float:
        """Return a quantile of the times, in ms."""
        return 1000 * sorted(self.seconds)[min(len(self.seconds) - 1, int(share * len(self.seconds)))]


async def echo(base_url: str, bot_token: str, app_token: str) -> None:
    """A Bolt app that only answers, as it is told to, in public or to the asker alone."""
    app = AsyncApp(client=AsyncWebClient(bot_token, base_url=base_url))

    @app.command("/papers")
    async def answer(
        ack: AsyncAck, body: dict[str, Any], respond: AsyncRespond, client: AsyncWebClient
    ) -> None:
        await ack()
        if body["text"].startswith("show"):
            await client.chat_postMessage(channel=body["channel_id"], text=body["text"])
        else:
            await respond(body["text"])

    web_client = AsyncWebClient(app_token, base_url=base_url)
    handler = AsyncSocketModeHandler(app, app_token, web_client=web_client)
    await handler.connect_async()  # type: ignore[no-untyped-call]  # Bolt's handlers carry no types
    await asyncio.Event().wait()


@contextlib.asynccontextmanager
async def process(slack: Watched, *command: str, **environment: str) -> AsyncIterator[None]:
    """Run a process until it has connected to the server, and end it afterwards."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, *command, env=os.environ | environment, stderr=asyncio.subprocess.DEVNULL
    )
    slack.process = running.pid
    try:
        await slack.sockets.wait_for_connections(1)
        yield
    finally:
        running.terminate()
        await running.wait()


def spent(process_id: int) -> float:
    """The processor seconds of a process so far, in all of its threads."""
    fields = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.asynccontextmanager
async def both(folder: Path) -> AsyncIterator[tuple[Watched, Watched]]:
    """Our app and the bare one, each at its own server."""
    async with assembled(Settings(data_dir=folder), {}) as parts:
        with as_file(files("papers.samples") / "papers.jsonl") as papers:
            await import_file(parts, papers, Console(quiet=True))
    async with Watched() as ours, Watched() as bare:
        set_up = {
            "PAPERCLUB_SLACK_BOT_TOKEN": ours.bot_token,
            "PAPERCLUB_SLACK_APP_TOKEN": ours.app_token,
            "PAPERCLUB_SLACK_API_URL": ours.base_url,
            "PAPERCLUB_DATA_DIR": str(folder),
            "PAPERCLUB_PORT": "0",
        }
        tokens = (bare.base_url, bare.bot_token, bare.app_token)
        async with (
            process(ours, "-m", "app.start", "run", **set_up),
            process(bare, __file__, "echo", *tokens),
        ):
            yield ours, bare


async def measure(
    ours: Watched, bare: Watched, command: Callable[[int], str], together: int, rounds: int
) -> dict[str, Figures]:
    """Let the two take turns."""
    figures = {"ours": Figures([]), "bare": Figures([])}
    for number in range(rounds + 2):
        for name, slack in (("ours", ours), ("bare", bare)):
            texts = [command(number * together + one) for one in range(together)]
            before = spent(slack.process)
            answers = await asyncio.gather(*(slack.ask(one, text) for one, text in enumerate(texts)))
            if number >= 2:
                figures[name].spent += spent(slack.process) - before
                figures[name].seconds += [seconds for seconds, _ in answers]
                figures[name].late += sum(late for _, late in answers)
    return figures


async def main(rounds: int) -> None:
    """Print the table."""
    print(HEAD)
    with tempfile.TemporaryDirectory() as folder:
        async with both(Path(folder)) as (ours, bare):
            for slack in (ours, bare):
                await asyncio.gather(*(slack.ask(number, "help") for number in range(TOGETHER)))
                await slack.ask(0, "search so that the model is loaded")
            for name, command in COMMANDS.items():
                for together, times in ((1, ALONE), (TOGETHER, rounds)):
                    figures = await measure(ours, bare, command, together, times)
                    print(line(name, together, figures["bare"], figures["ours"]), flush=True)


def line(name: str, together: int, bare: Figures, ours: Figures) -> str:
    """One row, in ms."""
    ratio = statistics.median(ours.seconds) / statistics.median(bare.seconds)
    times = " | ".join(f"{one.at(share):.1f}" for one in (bare, ours) for share in (0.5, 0.99))
    each = " | ".join(f"{1000 * one.spent / len(one.seconds):.1f}" for one in (bare, ours))
    return f"| {name} | {together} | {times} | {ratio:.1f} | {ours.late} of {len(ours.seconds)} | {each} |"


def run(arguments: Sequence[str]) -> None:
    """Measure, or be the bare app."""
    if arguments[:1] == ["echo"]:
        asyncio.run(echo(*arguments[1:]))
    else:
        asyncio.run(main(int(arguments[0]) if arguments else ROUNDS))


if __name__ == "__main__":
    run(sys.argv[1:])
