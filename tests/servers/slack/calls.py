"""One call of the Web API: how it is read, and what is checked before its method sees it."""

import base64
import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.slack.limits import FLAGS, METHODS, OF_KINDS, Method
from tests.servers.slack.state import SlackError, Token, World

EVERYWHERE = {"team_id"}
"""What Bolt's client sends with every call, which Slack overlooks where it means nothing."""
SECRETS = {"client_secret", "code", "refresh_token", "code_verifier"}


@dataclass
class Call:
    """The record of one call, without its secrets."""

    method: str
    arguments: dict[str, Any]
    token_kind: str
    error: str = ""


@dataclass
class Sent:
    """What a request held."""

    token: str = ""
    arguments: dict[str, Any] = field(default_factory=dict)
    without_charset: bool = False

    def public(self) -> dict[str, Any]:
        return {name: value for name, value in self.arguments.items() if name not in SECRETS}


async def read_call(request: web.Request) -> Sent:
    """Arguments from the query, a form or JSON; a token inside JSON is not looked at, as in Slack."""
    sent = Sent(arguments=dict(request.query))
    method = METHODS.get(request.match_info["method"])
    if request.content_type == "application/json":
        sent.without_charset = request.charset is None
        body = await read_json(request)
        body.pop("token", None)
        if method is None or method.reads_json:
            sent.arguments |= {name: value for name, value in body.items() if value is not None}
    elif request.can_read_body:
        sent.arguments |= dict(await request.post())
    sent.token = str(sent.arguments.pop("token", ""))
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    if kind == "Bearer":
        sent.token = shown.strip()
    elif kind == "Basic":
        name, _, secret = base64.b64decode(shown).decode().partition(":")
        sent.arguments |= {"client_id": name, "client_secret": secret}
    return sent


async def read_json(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        body = None
    return body if isinstance(body, dict) else {"invalid_json": True}


def authorized(world: World, method: Method, shown: str, arguments: dict[str, Any]) -> Token:
    """The token, if it is good for this method."""
    if not method.tokens:
        return Token("", set(), "")
    if not shown:
        raise SlackError("not_authed")
    token = world.tokens.get(shown)
    if token is None:
        raise SlackError("invalid_auth")
    if token.error:
        raise SlackError(token.error)
    if token.kind not in method.tokens:
        raise SlackError("not_allowed_token_type")
    check_scopes(world, method, token, arguments)
    return token


def check_scopes(world: World, method: Method, token: Token, arguments: dict[str, Any]) -> None:
    """One of the scopes, and for a conversation the one of its kind."""
    needed = list(method.scopes)
    if len(needed) > 1 and token.scopes.intersection(needed):
        channel = world.channels.get(str(arguments.get("channel", "")))
        kind = channel.kind if channel else ("im" if "users" in arguments else "")
        needed = [needed[OF_KINDS.index(kind)]] if kind else []
    if needed and not token.scopes.intersection(needed):
        provided = ",".join(sorted(token.scopes))
        raise SlackError("missing_scope", needed=",".join(needed), provided=provided)
    if len(needed) == 1 and token.kind == "bot":
        world.demanded.update(needed)


def is_flag(told: Any) -> bool:
    """Whether it is true or false, as JSON or in a form: docs.slack.dev/apis/web-api."""
    return type(told) in {bool, int, str} and str(told).lower() in {"0", "1", "false", "true"}


def check_arguments(method: Method, arguments: dict[str, Any]) -> None:
    """Every required argument; a name that the method does not know is refused, stricter than Slack."""
    if arguments.pop("invalid_json", False):
        raise SlackError("invalid_json")
    if strange := arguments.keys() - method.arguments - EVERYWHERE:
        raise SlackError("invalid_arg_name", response_metadata={"messages": sorted(strange)})
    problems = [
        f"[ERROR] must be a boolean: {name}"
        for name in sorted(FLAGS & arguments.keys())
        if not is_flag(arguments[name])
    ]
    if problems:
        raise SlackError("invalid_arguments", response_metadata={"messages": problems})
    missing = sorted(name for name in method.required if arguments.get(name) in (None, ""))
    if missing:
        told = [f"[ERROR] missing required field: {name}" for name in missing]
        raise SlackError("invalid_arguments", response_metadata={"messages": told})
