"""One request to the API: what was asked, by whom, and what came of it."""

import json
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.servers.discord.drafts import Upload
from tests.servers.discord.errors import UNAUTHORIZED, DiscordError
from tests.servers.discord.problems import Problems, snowflake
from tests.servers.discord.state import World


@dataclass
class Call:
    """One request, as it is kept in the record; the token is not."""

    world: World
    route: str
    """The method and the path with its parts by name, such as `GET /channels/{channel_id}`."""
    parts: dict[str, str]
    query: dict[str, str]
    body: Any = None
    files: dict[int, Upload] = field(default_factory=dict)
    status: int = 0
    error: int = 0
    """The code of the refusal."""

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]

    def id(self, name: str) -> int:
        """An id in the path."""
        made = snowflake(self.parts[name])
        if made is None:
            said = {"code": "NUMBER_TYPE_COERCE", "message": f'Value "{self.parts[name]}" is not snowflake.'}
            raise DiscordError(50035, errors={name: {"_errors": [said]}})
        return made

    def fields(self) -> dict[str, Any]:
        """The body, which has to be an object."""
        problems = Problems()
        problems.is_object(self.body, ())
        problems.refuse()
        assert isinstance(self.body, dict)
        return self.body

    def number(self, name: str, default: int, most: int, least: int = 1) -> int:
        """A number in the query."""
        text = self.query.get(name)
        if text is None:
            return default
        problems = Problems()
        given = int(text) if text.lstrip("-").isdecimal() else text
        problems.number({name: given}, name, (least, most), ())
        problems.refuse()
        return int(given)

    def after(self, name: str) -> int | None:
        """An id in the query."""
        if name not in self.query:
            return None
        made = snowflake(self.query[name])
        if made is None:
            problems = Problems()
            problems.add((name,), "NUMBER_TYPE_COERCE", f'Value "{self.query[name]}" is not snowflake.')
            problems.refuse()
        return made


async def read_body(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    """The body and the files that came with it: JSON, or a form with `payload_json`."""
    if request.content_type.startswith("multipart/"):
        return await read_form(request)
    text = await request.text()
    if not text:
        return None, {}
    if request.content_type != "application/json":
        message = 'Expected "Content-Type" header to be one of {"application/json", "multipart/form-data"}.'
        raise DiscordError(50035, errors={"_errors": [{"code": "CONTENT_TYPE_INVALID", "message": message}]})
    return decoded(text), {}


async def read_form(request: web.Request) -> tuple[Any, dict[int, Upload]]:
    form, body = await request.post(), None
    files: dict[int, Upload] = {}
    for name, value in form.items():
        if name == "payload_json":
            body = decoded(value.decode() if isinstance(value, bytes | bytearray) else str(value))
        elif isinstance(value, web.FileField):
            number = name.removeprefix("files[").removesuffix("]")
            files[int(number) if number.isdecimal() else len(files)] = Upload(
                value.filename, len(value.file.read())
            )
    return body, files


def decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise DiscordError(50109) from None


def authorize(request: web.Request, world: World) -> None:
    """Refuse a call without the bot's token."""
    known = {f"Bot {each}" for each in (world.token, *world.other_tokens)}
    if request.headers.get("Authorization") not in known:
        raise DiscordError.plain(*UNAUTHORIZED)
