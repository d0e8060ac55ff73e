"""A strict Slack on 127.0.0.1: Web API, Socket Mode, signed requests and `response_url`.

It refuses what Slack refuses and keeps its own record of what it accepted, so that lost and doubled posts
can be counted. `async with SlackServer() as slack:` starts it and ends it with all that it opened.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Middleware

from tests.servers.clock import ManualClock, dated
from tests.servers.slack.apps import App, manifest_problems
from tests.servers.slack.calls import Call, authorized, check_arguments, read_call
from tests.servers.slack.delivery import DEADLINE, Delivery, Sockets, post_signed
from tests.servers.slack.events import name_of, scope_of
from tests.servers.slack.faults import Fault, Faults, Rates
from tests.servers.slack.limits import METHODS, Method
from tests.servers.slack.methods_chat import CHAT
from tests.servers.slack.methods_other import OTHERS
from tests.servers.slack.methods_unfurl import UNFURLS
from tests.servers.slack.methods_views import VIEWS
from tests.servers.slack.payloads import callback, thinned
from tests.servers.slack.responses import Reply, Responses
from tests.servers.slack.screens import Screens
from tests.servers.slack.state import Message, SlackError, Token, World

IMPLEMENTED = {**CHAT, **OTHERS, **UNFURLS, **VIEWS}


def known(name: str) -> Method:
    method = METHODS.get(name)
    if method is None:
        raise SlackError("unknown_method", req_method=name)
    return method


@dataclass
class SlackServer(Screens):
    """The server, its record, and the people in its workspace."""

    clock: Callable[[], float] = field(default_factory=ManualClock)
    request_url: str = ""
    """Where set, everything goes there as signed HTTP instead of over Socket Mode."""
    faults: Faults = field(default_factory=Faults)
    sockets: Sockets = field(default_factory=Sockets)
    calls: list[Call] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    """What Slack would drop without an answer to the app, such as a bad reply in an acknowledgement."""
    echoes: bool = True
    """Whether the app hears of what its own bot does, as it does in Slack."""
    sparse: bool = False
    """Whether payloads lack everything that they need not have."""
    app: App = field(default_factory=App)
    withheld: list[dict[str, Any]] = field(default_factory=list)
    """Events that happened but are not sent: the app has not subscribed to them, or lacks their scope."""
    middlewares: Sequence[Middleware] = ()
    """What stands between the app and the server, such as a network that fails."""

    bot_token: str = "xoxb-bot"
    app_token: str = "xapp-app"
    user_token: str = "xoxp-user"

    def __post_init__(self) -> None:
        self.world = World(self.clock)
        self.rates = Rates(self.clock, lambda: self.world.outside_marketplace)
        self.responses = Responses(self.world, self.faults)
        self._ending = asyncio.Event()
        self._tasks: set[asyncio.Task[Any]] = set()

    def create_app(self, manifest: dict[str, Any]) -> None:
        """Make the app anew from a manifest: it has what stands there, and its token those scopes alone."""
        if problems := manifest_problems(manifest):
            raise ValueError("\n".join(problems))
        self.app = App(manifest)
        self.world.has_home = self.app.has_tab("home")
        self.world.scopes = frozenset(manifest["oauth_config"]["scopes"]["bot"])
        self.world.tokens[self.bot_token].scopes = set(self.world.scopes)

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=8 * 1024 * 1024, middlewares=self.middlewares)
        app.on_response_prepare.append(dated(self.clock))
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/link", self.sockets.connect)
        app.router.add_post("/response/{id}", self.responses.handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"
        self.responses.base = f"http://{self.address}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.set()
        await self.sockets.cut()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._runner.cleanup()

    @property
    def base_url(self) -> str:
        """What `AsyncWebClient(base_url=…)` wants."""
        return f"http://{self.address}/api/"

    @property
    def deliveries(self) -> list[Delivery]:
        return self.sockets.sent

    @property
    def replies(self) -> list[Reply]:
        """What came by `response_url` or with an acknowledgement."""
        return self.responses.replies

    def messages(self, channel: str, *, deleted: bool = False) -> list[Message]:
        """What was accepted in a channel, oldest first: the server's own record."""
        return [one for one in self.world.posted if one.channel == channel and (deleted or not one.deleted)]

    def ephemerals(self, user: str) -> list[Message]:
        return [one for one in self.world.ephemerals if one.ephemeral_to == user and not one.deleted]

    def counted(self, name: str) -> Counter[Any]:
        """How often each value of this name stands in the metadata of what was accepted, anywhere."""
        payloads = [one.metadata["event_payload"] for one in self.world.posted if one.metadata]
        return Counter(payload[name] for payload in payloads if name in payload)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition, at most until the deadline."""
        async with asyncio.timeout(DEADLINE):
            while not condition():  # noqa: ASYNC110 - what tests wait for has no event of its own
                await asyncio.sleep(0.005)

    def calls_of(self, method: str) -> list[Call]:
        return [one for one in self.calls if one.method == method]

    async def deliver(
        self, kind: str, payload: dict[str, Any], then: Callable[[Delivery], None] | None = None
    ) -> Delivery:
        """Send it to the app by whichever way it listens."""
        sent = thinned(kind, payload) if self.sparse else payload
        return await self._send(Delivery(kind, sent, then=then))

    async def _send(self, delivery: Delivery) -> Delivery:
        if self.request_url:
            self.sockets.sent.append(delivery)
            return await post_signed(self.request_url, delivery, self.clock())
        return await self.sockets.send(delivery)

    async def emit(self, event: dict[str, Any]) -> Delivery:
        """Send an event to the app, if it has subscribed to it and may hear it."""
        if not self.app.hears(name_of(event)) or not self.world.grants(scope_of(event)):
            self.withheld.append(event)
            unsent = Delivery("events_api", {"event": event})
            unsent.done.set()
            return unsent
        return await self.deliver("events_api", callback(self.world, event), self.take_nothing)

    async def redeliver(self, delivery: Delivery, reason: str = "timeout") -> Delivery:
        """Send the same event once more, as Slack does where no acknowledgement came."""
        again = Delivery("events_api", delivery.payload, delivery.attempt + 1, reason, then=delivery.then)
        return await self._send(again)

    async def redeliver_unacked(self) -> list[Delivery]:
        """Send every event once more whose latest delivery was not acknowledged, up to Slack's retries."""
        latest = {one.payload["event_id"]: one for one in self.deliveries if one.kind == "events_api"}
        lost = [one for one in latest.values() if not one.acks and one.attempt < self.retries]
        return [await self.redeliver(one) for one in lost]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        sent = await read_call(request)
        token = self.world.tokens.get(sent.token)
        call = Call(request.match_info["method"], sent.public(), token.kind if token else "")
        self.calls.append(call)
        channel = str(sent.arguments.get("channel", ""))
        fault = self.faults.take(call.method)
        if fault is None and call.method in METHODS:
            workspace = (token.team or token.enterprise or "") if token else ""
            fault = self.rates.refuses(call.method, channel, workspace)
        if fault is not None and not fault.accepts:
            call.error = fault.error or f"status {fault.status}"
            return await self._faulty(request, fault, {"ok": False, "error": fault.error})
        before = len(self.world.posted)
        answer = await self._answer(call, sent.token, sent.arguments)
        if sent.without_charset:
            answer.setdefault("warning", "missing_charset")
        self._echo(call, answer, self.world.posted[before:])
        if fault is not None:
            return await self._faulty(request, fault, answer)
        granted = {"X-OAuth-Scopes": ",".join(sorted(token.scopes))} if token else {}
        return web.json_response(answer, headers=granted)

    async def _answer(self, call: Call, token_text: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            method = known(call.method)
            token = authorized(self.world, method, token_text, arguments)
            check_arguments(method, arguments)
            answer = await self._carried_out(call.method, token, arguments)
        except SlackError as error:
            call.error = error.error
            return {"ok": False, "error": error.error, **error.more}
        return {"ok": True, **answer}

    async def _carried_out(self, method: str, token: Token, arguments: dict[str, Any]) -> dict[str, Any]:
        if method == "apps.connections.open":
            return {"url": f"ws://{self.address}/link?ticket={self.sockets.ticket()}&app_id=A0APP"}
        return await IMPLEMENTED[method](self.world, token, arguments)

    async def _faulty(self, request: web.Request, fault: Fault, answer: dict[str, Any]) -> web.StreamResponse:
        if fault.hangs:
            await self._ending.wait()
        if (fault.drops or fault.hangs) and request.transport is not None:
            request.transport.abort()
        if not fault.error and fault.status != 200:
            return web.Response(status=fault.status, text="upstream connect error")
        headers = {"Retry-After": str(fault.retry_after)} if fault.retry_after else {}
        return web.json_response(answer, status=fault.status, headers=headers)

    def _echo(self, call: Call, answer: dict[str, Any], posted: list[Message]) -> None:
        """Tell the app what its bot did, beside the answer."""
        if not self.echoes or not answer["ok"] or not (self.sockets.open or self.request_url):
            return
        for event in self.events_of(call.method, call.arguments, posted):
            task = asyncio.create_task(self.emit(event))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
