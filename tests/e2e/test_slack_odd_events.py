"""What comes from Slack malformed, unknown or of a later version: none of it costs more than itself."""

import asyncio
import copy
import hashlib
import hmac
import itertools
import json
import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.e2e.slack_workspace import ADA, BEN, CLOSED, EVE, PAPERS, installed
from tests.servers.slack.payloads import composer_event
from tests.servers.slack.state import SIGNING_SECRET

Odd = tuple[str, Any]
"""What something is, and what is sent: an object, or bytes and text as they are."""
NO_OBJECTS: tuple[Any, ...] = (None, [], "text", 7, True)
KINDS = ("events_api", "interactive", "slash_commands")
NUMBERS = itertools.count()
NEVER_TRIED = {"token"}
"""Fields of which the bot and Bolt take no notice."""


def envelope(kind: Any, payload: Any, **more: Any) -> dict[str, Any]:
    body = {
        "envelope_id": f"odd {next(NUMBERS)}",
        "type": kind,
        "payload": payload,
        "accepts_response_payload": False,
    }
    return body | more


def frames() -> Iterator[Odd]:
    """What is no envelope of a kind that there is."""
    for text in ("", "{", "[1, 2]", "null", '"text"', "\ufeff{}", "[" * 5000):
        yield f"frame {text[:8]!r}", text
    yield "a binary frame", b"\xff\xfe{}"
    for kind in ("kettle", "", None, 7, [], {}):
        yield f"type {kind!r}", envelope(kind, {"type": "kettle"})
    for kind in KINDS:
        for payload in NO_OBJECTS:
            yield f"{kind} with {payload!r}", envelope(kind, payload)
        yield f"{kind} without payload", {"envelope_id": "odd", "type": kind}
        yield f"{kind} without envelope_id", {"type": kind, "payload": {"type": "event_callback"}}
    yield "an unknown warning", {"type": "disconnect_soon", "reason": "kettle", "debug_info": {}}


def of_later_versions(payloads: dict[str, dict[str, Any]]) -> Iterator[Odd]:
    body = payloads["message"]
    for kind in ("kettle_boiled", "app_context_changed", "assistant_thread_started", "", None, 7, []):
        event = {**body["event"], "type": kind}
        yield f"event {kind!r}", envelope("events_api", {**body, "event": event, "event_id": f"E{kind}"})
    for subtype in ("kettle", "channel_join", "bot_message", "huddle_thread", "message_replied", None, 7, []):
        event = {**body["event"], "subtype": subtype}
        yield f"subtype {subtype!r}", envelope("events_api", {**body, "event": event})
    for kind in ("workflow_step_execute", "dialog_submission", "view_closed", "function_executed", None, 7):
        yield f"interaction {kind!r}", envelope("interactive", {**payloads["block_actions"], "type": kind})


def damaged(payloads: dict[str, dict[str, Any]]) -> Iterator[Odd]:
    """Every recorded payload, with each of its fields missing, null or something else."""
    for name, body in payloads.items():
        kind = "events_api" if "event" in body else "interactive" if "type" in body else "slash_commands"
        for path in paths(body, name):
            yield f"{name} without {'.'.join(path)}", envelope(kind, changed(body, path))
            yield f"{name} with null {'.'.join(path)}", envelope(kind, changed(body, path, None))
            if path[-1] in {"event", "user", "channel", "item", "view", "actions", "container", "message"}:
                for value in ([], 7):
                    yield f"{name} with {value} {'.'.join(path)}", envelope(kind, changed(body, path, value))


def paths(body: dict[str, Any], name: str) -> Iterator[tuple[str, ...]]:
    """Each field; the wrapping of an event once, as it is the same for all."""
    for key, value in body.items():
        if key in NEVER_TRIED or (name != "message" and "event" in body and key != "event"):
            continue
        yield (key,)
        if key in {"event", "view", "container", "user", "channel", "message"} and isinstance(value, dict):
            yield from ((key, each) for each in value if each != "blocks")


def changed(body: dict[str, Any], path: tuple[str, ...], *value: Any) -> dict[str, Any]:
    """The same with a field that is missing, or that has a value."""
    copied = copy.deepcopy(body)
    *above, last = path
    place = copied
    for each in above:
        place = place[each]
    del place[last]
    if value:
        place[last] = value[0]
    for name in ("event_id", "trigger_id"):
        if isinstance(copied.get(name), str):
            copied[name] += f" {next(NUMBERS)}"  # else it was taken before
    return copied


def signature_of(body: bytes, timestamp: str) -> str:
    text = b"v0:" + timestamp.encode() + b":" + body
    return "v0=" + hmac.new(SIGNING_SECRET.encode(), text, hashlib.sha256).hexdigest()


async def all_kinds(workspace) -> dict[str, dict[str, Any]]:
    """Let a bit of everything happen, and give one payload of each kind."""
    slack = workspace.slack
    await workspace.says("settings links:on")
    card = await workspace.says("show #1")
    await workspace.presses(card, "up", person=BEN)
    await workspace.reacts(card, "+1", person=EVE)
    message = await slack.say(BEN, PAPERS, "<@U0BOT> help https://example.org/experts")
    await slack.edit(message, "Kettles")
    await slack.delete(message)
    await slack.emit(
        composer_event(slack.world, BEN, [{"url": "https://arxiv.org/abs/1", "domain": "arxiv.org"}])
    )
    await slack.rename(CLOSED, "shut")
    await slack.open_home(ADA)
    await slack.message_action(ADA, card, "paperclub.save_paper")
    sent = await slack.command(ADA, PAPERS, "/papers", "subscribe")
    await sent.acked()
    await workspace.settle()
    (form,) = [each for each in slack.world.views.values() if each.open]
    await (await slack.suggest(ADA, form, "paperclub.suggest.timezone", "par")).acked()
    await (await slack.submit(form, {"topic": "bridges"})).acked()
    await workspace.settle()
    payloads: dict[str, dict[str, Any]] = {}
    for each in slack.deliveries:
        body = each.payload
        name = body["event"]["type"] if "event" in body else body.get("type", "command")
        subtype = body.get("event", {}).get("subtype", "")
        payloads.setdefault(f"{name} {subtype}".strip(), body)
    assert {"message", "message message_changed", "message message_deleted", "command"} < payloads.keys()
    assert {"block_actions", "view_submission", "block_suggestion", "message_action"} < payloads.keys()
    return payloads


async def send(workspace, odd: Any) -> None:
    """Put it on the one open connection as it is."""
    (socket,) = workspace.slack.sockets.open.values()
    if isinstance(odd, bytes):
        await socket.send_bytes(odd)
    else:
        await socket.send_str(odd if isinstance(odd, str) else json.dumps(odd))


def is_event(odd: Any) -> bool:
    """Whether Slack would send it again if nobody acknowledged it."""
    payload = odd.get("payload") if isinstance(odd, dict) else None
    return isinstance(payload, dict) and payload.get("type") == "event_callback" and "envelope_id" in odd


def was_acknowledged(workspace, odd: dict[str, Any]) -> bool:
    stray = workspace.slack.sockets.stray
    return any(isinstance(each, dict) and each.get("envelope_id") == odd["envelope_id"] for each in stray)


async def test_nothing_odd_costs_more_than_itself(workspace, caplog):
    caplog.set_level(logging.CRITICAL)
    payloads = await all_kinds(workspace)
    odd = [*frames(), *of_later_versions(payloads), *damaged(payloads)]
    assert len({name for name, _ in odd}) >= 100
    made = workspace.slack.sockets.made
    for name, each in odd:
        await send(workspace, each)
        command = await workspace.slack.command(ADA, PAPERS, "/papers", "help vote")
        async with asyncio.timeout(30):
            await command.acked()
            if is_event(each):
                await workspace.slack.until(lambda: was_acknowledged(workspace, each))  # noqa: B023 - awaited
        assert workspace.slack.sockets.made == made, f"{name}: the connection stood"
    await workspace.adapter.settle()
    heard = [each for each in workspace.slack.ephemerals(ADA) if "vote PAPER" in str(each.blocks)]
    assert len(heard) >= len(odd), "each command was answered"


def requests(payloads: dict[str, dict[str, Any]]) -> Iterator[tuple[str, bytes, str]]:
    """What comes over HTTP: what it is, its body and the type of that."""
    for body in (b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xef\xbb\xbf{}", b"[" * 5000, b"{}"):
        yield f"JSON {body[:8]!r}", body, "application/json"
    for body in (
        b"",
        b"payload",
        b"payload=",
        b"payload=%7B",
        b"payload=null",
        b"payload=[]",
        b"=&=&;",
        b"%ff",
    ):
        yield f"form {body!r}", body, "application/x-www-form-urlencoded"
    yield "no type", b"{}", ""
    yield "a type of its own", b"{}", "application/kettle"
    for name, each in [*of_later_versions(payloads), *list(damaged(payloads))[::9]]:
        kind, payload = each["type"], each["payload"]
        if kind == "events_api":
            yield name, json.dumps(payload).encode(), "application/json"
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            yield name, urlencode(form).encode(), "application/x-www-form-urlencoded"


async def test_nothing_odd_costs_more_than_itself_over_http(over_http, caplog):
    caplog.set_level(logging.CRITICAL)
    workspace, address = over_http
    await installed(workspace.slack, address)
    payloads = await all_kinds(workspace)
    odd = list(requests(payloads))
    assert len(odd) >= 50
    async with aiohttp.ClientSession() as slack:
        for name, body, kind in odd:
            now = str(int(workspace.slack.clock()))
            signed = {
                "Content-Type": kind,
                "X-Slack-Request-Timestamp": now,
                "X-Slack-Signature": signature_of(body, now),
            }
            async with slack.post(workspace.slack.request_url, data=body, headers=signed) as answer:
                assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR, name
                if b"event_callback" in body and kind == "application/json":
                    assert answer.status == HTTPStatus.OK, f"{name} does not come again"
            command = await workspace.slack.command(ADA, PAPERS, "/papers", "help vote")
            assert command.status == HTTPStatus.OK, name
