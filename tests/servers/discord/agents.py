"""Who calls: https://docs.discord.com/developers/reference#user-agent.

Clients name themselves as `DiscordBot ($url, $versionNumber)`, and may append more. Who does not may be
blocked before the request comes to Discord, with an error of Cloudflare's.
"""

import re
from dataclasses import dataclass, field

from aiohttp import web

FORM = re.compile(r"DiscordBot \(https?://[^\s,()]+, [^\s,()]+\)(?: [^\r\n]+)?")
BLOCKED = "error code: 1010"


@dataclass
class Agents:
    """By what names the app has called itself."""

    others: set[str] = field(default_factory=set)
    """Names of another form that are let in: discord.py's own are, as it comes."""
    heard: set[str] = field(default_factory=set)
    """What came with calls, and with the gateway's connections."""

    def hear(self, request: web.Request) -> str:
        """Note who calls; the page speaks of HTTP alone, so that the gateway refuses nobody."""
        name = request.headers.get("User-Agent", "")
        self.heard.add(name)
        return name

    def refuse(self, request: web.Request) -> web.Response | None:
        """Refuse a call that does not say who calls."""
        name = self.hear(request)
        return None if name in self.others or FORM.fullmatch(name) else web.Response(status=403, text=BLOCKED)
