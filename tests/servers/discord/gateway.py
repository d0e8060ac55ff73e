"""The gateway: https://docs.discord.com/developers/events/gateway."""

import asyncio
import contextlib
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.servers.discord import intents
from tests.servers.discord.bodies import member_body, own_user_body
from tests.servers.discord.bodies_guilds import application_body, guild_create_body
from tests.servers.discord.handshakes import Closed, End, Op, checked_identify, read
from tests.servers.discord.limits import limit
from tests.servers.discord.sessions import DEADLINE, Session, Sessions, Socket
from tests.servers.discord.state import APP, World


@dataclass
class Gateway:
    """The open connections, and how the gateway behaves."""

    world: World
    sessions: Sessions
    address: str = ""
    heartbeat_ms: int = limit("gateway.heartbeat")
    answers_heartbeats: bool = True
    resumes: bool = True
    """Whether a session may be resumed; else the app has to begin anew."""
    guilds_per_shard: int = limit("gateway.guilds")
    shards: int = 1
    """What is recommended."""
    max_concurrency: int = 1
    strict_pace: bool = False
    """Whether those are refused who begin sessions, or speak, more often than is allowed."""
    sockets: dict[int, Socket] = field(default_factory=dict)
    made: int = 0
    closes: list[int] = field(default_factory=list)
    """The codes with which the server ended connections."""
    identified: list[dict[str, Any]] = field(default_factory=list)
    resumed: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    begun: list[tuple[int, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._there = asyncio.Event()
        self._there.set()

    @contextlib.asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Cut every connection, and say nothing over new ones until the block ends."""
        self._there.clear()
        self.cut()
        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(lambda: not self.sockets)
        try:
            yield
        finally:
            self._there.set()

    async def connect(self, request: web.Request) -> web.StreamResponse:
        """One connection, from hello to its end."""
        connection = web.WebSocketResponse()
        await connection.prepare(request)
        await self._there.wait()
        self.made += 1
        socket = Socket(connection, request, self.made, request.query.get("compress") == "zlib-stream")
        self.sockets[socket.number] = socket
        writer = asyncio.create_task(socket.write())
        try:
            await self._talk(socket, request)
        except Closed as closed:
            self.closes.append(closed.code)
            socket.close(closed.code)
            await writer
        finally:
            writer.cancel()
            await self._lost(socket)
        return connection

    async def _talk(self, socket: Socket, request: web.Request) -> None:
        if request.query.get("v", "10") != "10" or request.query.get("encoding", "json") != "json":
            raise Closed(End.BAD_VERSION)
        socket.send({"op": Op.HELLO, "d": {"heartbeat_interval": self.heartbeat_ms, "_trace": []}})
        session: Session | None = None
        async for message in socket.connection:
            if message.type is not aiohttp.WSMsgType.TEXT or len(message.data) > limit("gateway.payload"):
                raise Closed(End.DECODE)
            self._count(socket)
            session = await self._hear(socket, session, read(message.data))

    def _count(self, socket: Socket) -> None:
        now, span = self.world.clock(), limit("gateway.sent.seconds")
        socket.heard = [*(then for then in socket.heard if now - then < span), now]
        if self.strict_pace and len(socket.heard) > limit("gateway.sent"):
            raise Closed(End.TOO_FAST)

    async def _hear(self, socket: Socket, session: Session | None, said: dict[str, Any]) -> Session | None:
        opcode, data = said["op"], said.get("d")
        if opcode == Op.HEARTBEAT:
            if self.answers_heartbeats:
                socket.send({"op": Op.ACK})
            if session is not None:
                session.beat(data)
            return session
        begins: dict[int, Callable[[Socket, Any], Session | None]] = {
            Op.IDENTIFY: self._identify,
            Op.RESUME: self._resume,
        }
        if opcode in begins:
            if session is not None:
                raise Closed(End.IDENTIFIED)
            made = begins[opcode](socket, data)
            await self._note_change()
            return made
        if opcode not in {Op.PRESENCE, Op.VOICE, Op.MEMBERS}:
            raise Closed(End.UNKNOWN_OPCODE)
        if session is None:
            raise Closed(End.NOT_IDENTIFIED)
        if opcode == Op.MEMBERS:
            self._tell_members(session, data)
        return session

    def _identify(self, socket: Socket, data: Any) -> Session | None:
        shard, wanted = checked_identify(self.world, data)
        guilds = [one for one in self.world.bots_guilds() if one.shard(shard[1]) == shard[0]]
        if len(guilds) > self.guilds_per_shard:
            raise Closed(End.SHARDING)
        self.identified.append({**data, "token": ""})
        if self.strict_pace and not self._may_begin(shard[0]):
            socket.send({"op": Op.INVALID, "d": False})
            return None
        for other in self.sessions.open:
            if other.shard == shard and other.socket is None:
                other.end()
        session = Session(uuid.uuid4().hex, wanted, shard, socket=socket)
        self.sessions.all[session.id] = session
        session.dispatch("READY", self._ready(session, [str(one.id) for one in guilds]))
        if wanted & intents.BITS["GUILDS"]:
            for guild in guilds:
                if not guild.out:
                    session.dispatch("GUILD_CREATE", guild_create_body(self.world, guild))
        return session

    def _may_begin(self, shard: int) -> bool:
        """One session in five seconds for each of so many groups of shards."""
        key, now = shard % self.max_concurrency, self.world.clock()
        recent = [
            one for one in self.begun if one[0] == key and now - one[1] < limit("gateway.identify.seconds")
        ]
        self.begun.append((key, now))
        return not recent

    def _ready(self, session: Session, guilds: list[str]) -> dict[str, Any]:
        return {
            "v": 10,
            "user": own_user_body(self.world),
            "guilds": [{"id": each, "unavailable": True} for each in guilds],
            "private_channels": [],
            "session_id": session.id,
            "resume_gateway_url": f"ws://{self.address}/gateway/resume",
            "shard": list(session.shard),
            "application": {"id": str(APP), "flags": application_body(self.world)["flags"]},
            "session_type": "normal",
            "user_settings": {},
        }

    def _resume(self, socket: Socket, data: Any) -> Session | None:
        if not isinstance(data, dict) or data.get("token") != self.world.token:
            raise Closed(End.WRONG_TOKEN)
        session = self.sessions.all.get(str(data.get("session_id")))
        if session is None or session.ended or not self.resumes:
            if session is not None:
                session.end()
            socket.send({"op": Op.INVALID, "d": False})
            return None
        sequence = data.get("seq")
        if not isinstance(sequence, int) or not 0 <= sequence <= len(session.told):
            raise Closed(End.BAD_SEQUENCE)
        self.resumed.append(session.id)
        session.resume(socket, sequence)
        return session

    def _tell_members(self, session: Session, data: Any) -> None:
        """All of a guild's members only with the intent for them; without it no answer comes."""
        guild = self.world.guilds.get(int(data["guild_id"]))
        if guild is None:
            return
        wanted = [int(each) for each in data.get("user_ids") or []]
        query = data.get("query")
        if query == "" and not session.intents & intents.BITS["GUILD_MEMBERS"]:
            return
        found = [
            member
            for member in guild.members.values()
            if member.user in wanted
            or (query is not None and self.world.people[member.user].name.startswith(query))
        ]
        told: dict[str, Any] = {"guild_id": str(guild.id), "chunk_index": 0, "chunk_count": 1}
        told["members"] = [member_body(self.world, member) for member in found]
        told |= {"not_found": [], "nonce": data.get("nonce")}
        session.dispatch("GUILD_MEMBERS_CHUNK", told)

    async def _lost(self, socket: Socket) -> None:
        """A connection is gone; its session ends where the app closed it for good."""
        self.sockets.pop(socket.number, None)
        for session in self.sessions.all.values():
            if session.socket is socket:
                session.socket = None
                if not socket.ended_here and socket.connection.close_code in {1000, 1001}:
                    session.end()
        await self._note_change()

    async def _note_change(self) -> None:
        async with self.changed:
            self.changed.notify_all()

    async def wait_for_sessions(self, number: int = 1, *, since: int = 0) -> None:
        """Wait until so many sessions have a connection, newer than a connection's number."""

        def connected() -> int:
            sockets = [session.socket for session in self.sessions.open if session.socket]
            return sum(socket.number > since for socket in sockets)

        async with asyncio.timeout(DEADLINE), self.changed:
            await self.changed.wait_for(lambda: connected() >= number)

    def reconnect(self) -> None:
        """Ask every connection to come again."""
        for socket in self.sockets.values():
            socket.send({"op": Op.RECONNECT, "d": None})

    def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every session that it is no good any more."""
        for session in list(self.sessions.open):
            if session.socket is not None:
                session.socket.send({"op": Op.INVALID, "d": resumable})
                if not resumable:
                    session.end()

    def close(self, code: int) -> None:
        """Close every connection with a code."""
        for socket in self.sockets.values():
            socket.close(code)

    def cut(self) -> None:
        """End every connection without a word; a client comes again at once."""
        for socket in list(self.sockets.values()):
            socket.cut()
