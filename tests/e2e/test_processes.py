"""Long-running and fetching processes, over loopback."""

import asyncio
import http.client
import json
import re
import signal
import socket
import time
from datetime import date

import pytest
from aiohttp import web
from typer.testing import CliRunner
from waiting import DEADLINE, until

from app.cli import _run, cli
from app.start import main
from bot.domain.errors import UserError
from tests.servers.databases import redis_server
from tests.servers.sources.arxiv import ArxivServer
from tests.servers.sources.huggingface import HuggingFaceServer, daily_entry


@pytest.fixture
def command(tmp_path):
    """Run a command line in a thread with a loop of its own, which need not import everything anew."""
    environment = {
        "PAPERCLUB_DATA_DIR": str(tmp_path / "data"),
        "PAPERCLUB_DATABASE_URL": "",
        "COLUMNS": "120",
    }

    async def run(*arguments: str, **settings: str):
        return await asyncio.to_thread(CliRunner().invoke, cli, arguments, env=environment | settings)

    return run


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def health(port: int) -> int:
    """The status that /healthz answers, 0 while nobody listens."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_run_answers_for_its_health_and_stops_when_asked(process, stop):
    port = free_port()
    running = process("run", PAPERCLUB_PORT=str(port))
    until(lambda: health(port) == 200)
    running.send_signal(stop)
    output, _ = running.communicate(timeout=DEADLINE)
    assert running.returncode == 0, output
    assert "Stopping" in output


def test_run_says_which_address_is_taken(process):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = process("run", PAPERCLUB_PORT=str(port))
        output, _ = running.communicate(timeout=DEADLINE)
    assert running.returncode == 1
    assert f"127.0.0.1:{port}" in output
    assert "Traceback" not in output


def test_ctrl_c_while_the_model_loads_ends_at_once_with_a_sentence(process, tmp_path):
    script = tmp_path / "script.txt"
    script.write_text("search kettles\n", encoding="utf-8")
    searching = process("chat", "--production", "--script", script, PYTHONUNBUFFERED="1")
    assert searching.stdout is not None
    shown = iter(searching.stdout.readline, "")
    assert any("search kettles" in line for line in shown)
    searching.send_signal(signal.SIGINT)
    rest = "".join(shown)
    assert searching.wait(DEADLINE) == 130
    assert "Interrupted. What was done by then is kept." in rest
    assert "Traceback" not in rest


def test_ctrl_c_before_anything_has_begun_is_a_word(monkeypatch, capsys):
    monkeypatch.setattr("app.cli.main", lambda: signal.raise_signal(signal.SIGINT))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert capsys.readouterr().err == "\nInterrupted.\n"


def test_what_nobody_has_foreseen_has_a_reference(caplog):
    def fault() -> int:
        raise LookupError("a fault of ours")

    async def work() -> int:
        return fault()

    with pytest.raises(UserError) as told:
        _run(work())
    (reference,) = re.findall("reference ([0-9a-f]{8})", str(told.value))
    assert f"Reference {reference}" in caplog.text
    assert "a fault of ours" in caplog.text


@pytest.mark.parametrize(
    ("day", "entries", "code", "told"),
    [
        ("2024-06-04", [daily_entry(1), daily_entry(2)], 0, "2 papers: 2 new"),
        ("2024-06-08", [], 0, "empty"),
        ("2024-06-04", [daily_entry(1), {"paper": {}}], 3, "1 paper: 1 new"),
        ("2024-06-04", None, 1, "failed"),
    ],
)
async def test_fetch_tells_a_whole_day_from_an_empty_a_partial_and_a_failed_one(
    command, day, entries, code, told
):
    source = HuggingFaceServer(days={} if entries is None else {day: entries})
    if entries is None:
        for _ in range(5):
            source.say(404, "gone")
    server = source.server()
    await server.start_server()
    try:
        address = f"http://127.0.0.1:{server.port}"
        fetched = await command("fetch", "--date", day, PAPERCLUB_HUGGINGFACE_URL=address)
    finally:
        await server.close()
    assert told in fetched.output
    assert fetched.exit_code == code, fetched.output
    exported = await command("export")
    rows = [json.loads(line) for line in exported.stdout.splitlines() if line.startswith("{")]
    papers = [row for row in rows if row["kind"] == "papers"]
    assert all(date.fromisoformat(row["listed"]) == date.fromisoformat(day) for row in papers)
    assert len([row for row in rows if row["kind"] == "source_runs"]) == 1


async def test_arxivs_pace_holds_over_all_processes(process, tmp_path):
    """One request in three seconds, from the end of one to the next, whichever process asks."""
    times = []

    @web.middleware
    async def noted(request, handler):
        began = time.monotonic()
        answer = await handler(request)
        times.append((began, time.monotonic()))
        return answer

    arxiv = ArxivServer().server()
    arxiv.app.middlewares.append(noted)
    with redis_server() as redis:
        async with arxiv:
            settings = {"PAPERCLUB_ARXIV_URL": str(arxiv.make_url("")), "PAPERCLUB_REDIS_URL": redis.url}
            fetching = [
                process(
                    *("fetch", "--source", "arxiv", "--date", "2024-06-04"),
                    **{**settings, "PAPERCLUB_DATA_DIR": str(tmp_path / name)},
                )
                for name in ("one", "another")
            ]
            for each in fetching:
                output, _ = await asyncio.to_thread(each.communicate, timeout=DEADLINE)
                assert "empty" in output
    (_, ended), (began, _) = sorted(times)
    assert began - ended >= 3
