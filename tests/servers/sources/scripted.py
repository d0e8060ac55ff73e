"""What all loopback stand-ins for sources are: scripted answers first, strict about what they are asked."""

import hashlib
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Scripted:
    """What the next requests are answered with before the server is itself again, and what was asked."""

    answers: deque[web.Response] = field(default_factory=deque)
    always: tuple[int, str] | None = None
    """The status and text of every answer, while the server is out of order."""
    asked: list[Mapping[str, str]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    def say(self, status: int, text: str = "", kind: str = "text/plain", **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers.append(web.Response(status=status, text=text, content_type=kind, headers=named))

    def note(self, request: web.Request, known: Collection[str] = ()) -> web.Response | None:
        """Write down a request; a parameter that nobody documented is refused."""
        self.asked.append(dict(request.query))
        self.headers.append(dict(request.headers))
        if self.answers:
            return self.answers.popleft()
        if self.always is not None:
            return web.Response(status=self.always[0], text=self.always[1])
        unknown = set(request.query) - set(known)
        if unknown:
            return web.json_response({"error": f"unknown parameters: {sorted(unknown)}"}, status=400)
        return None


def unless_it_has_it(request: web.Request, text: str, kind: str) -> web.Response:
    """Answer with an ETag, and without a body who has that already."""
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'
    if request.headers.get("If-None-Match") == tag:
        return web.Response(status=304, headers={"ETag": tag})
    return web.Response(text=text, content_type=kind, headers={"ETag": tag})
