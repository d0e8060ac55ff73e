"""What may be said over the gateway, and the codes that end a connection.

https://docs.discord.com/developers/topics/opcodes-and-status-codes#gateway
"""

import json
from enum import IntEnum
from typing import Any

from tests.servers.discord import intents
from tests.servers.discord.state import World


class Op(IntEnum):
    """What a payload is."""

    DISPATCH = 0
    HEARTBEAT = 1
    IDENTIFY = 2
    PRESENCE = 3
    VOICE = 4
    RESUME = 6
    RECONNECT = 7
    MEMBERS = 8
    INVALID = 9
    HELLO = 10
    ACK = 11


class End(IntEnum):
    """Why the server ends a connection."""

    UNKNOWN_OPCODE = 4001
    DECODE = 4002
    NOT_IDENTIFIED = 4003
    WRONG_TOKEN = 4004
    IDENTIFIED = 4005
    BAD_SEQUENCE = 4007
    TOO_FAST = 4008
    BAD_SHARD = 4010
    SHARDING = 4011
    BAD_VERSION = 4012
    BAD_INTENTS = 4013
    DISALLOWED = 4014


class Closed(Exception):
    """The server ends the connection with a code."""

    def __init__(self, code: End) -> None:
        super().__init__(code)
        self.code = code


def read(text: str) -> dict[str, Any]:
    try:
        said = json.loads(text)
    except ValueError:
        raise Closed(End.DECODE) from None
    if not isinstance(said, dict) or not isinstance(said.get("op"), int):
        raise Closed(End.DECODE)
    return said


def checked_shard(data: dict[str, Any]) -> tuple[int, int]:
    shard = data.get("shard", [0, 1])
    whole = isinstance(shard, list) and len(shard) == 2 and all(isinstance(each, int) for each in shard)
    if not whole or not 0 <= shard[0] < shard[1]:
        raise Closed(End.BAD_SHARD)
    return shard[0], shard[1]


def checked_intents(data: dict[str, Any]) -> int:
    wanted = data.get("intents")
    if not isinstance(wanted, int) or isinstance(wanted, bool) or wanted & ~intents.EVERY or wanted < 0:
        raise Closed(End.BAD_INTENTS)
    return wanted


def checked_identify(world: World, data: Any) -> tuple[tuple[int, int], int]:
    """The shard and the intents of a session that may begin."""
    if not isinstance(data, dict) or not isinstance(data.get("properties"), dict):
        raise Closed(End.DECODE)
    if data.get("token") != world.token:
        raise Closed(End.WRONG_TOKEN)
    shard, wanted = checked_shard(data), checked_intents(data)
    if intents.refused(wanted, world.privileged):
        raise Closed(End.DISALLOWED)
    return shard, wanted
