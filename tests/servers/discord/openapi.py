"""Discord's published description of its API, where it is at hand to hold bodies and answers against.

https://github.com/discord/discord-api-spec. It lets some bad bodies pass, so that the server's own checks
stand beside it. In two places it is relaxed: ids may be numbers, as real clients send them, and the codes
of errors inside a body are text, as Discord answers them.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

FILE = Path("shared/reference/specs/discord-openapi.json")
ABSENT = f"{FILE} is not there"
PART = re.compile(r"\{\w+\}")


def file() -> Path | None:
    """The description beside the repository, if it is there."""
    places = (folder / FILE for folder in Path(__file__).parents)
    return next((place for place in places if place.exists()), None)


@dataclass
class Published:
    """The description, and what it says of bodies and answers."""

    whole: dict[str, Any]

    @classmethod
    def read(cls, place: Path) -> Self:
        whole = json.loads(place.read_text())
        schemas = whole["components"]["schemas"]
        schemas["SnowflakeType"] = {"type": ["string", "integer"]}
        schemas["InnerErrors"]["properties"]["_errors"]["items"]["properties"] = {"code": {"type": "string"}}
        del schemas["InnerErrors"]["properties"]["_errors"]["items"]["$ref"]
        return cls(whole)

    def body_problems(self, route: str, body: Any) -> list[str]:
        """What is wrong with a body for a route, such as `POST /channels/{channel_id}/messages`."""
        kinds = self._operation(route)["requestBody"]["content"]
        return list(self._problems(kinds["application/json"]["schema"], body))

    def answer_problems(self, route: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer that the server gives."""
        answers = self._operation(route)["responses"]
        known = next((one for one in (str(status), f"{status // 100}XX") if one in answers), None)
        if known is None:
            return [f"no answer {status}, but {sorted(answers)}"]
        answer = answers[known]
        if "$ref" in answer:
            answer = self.whole["components"]["responses"][answer["$ref"].rpartition("/")[2]]
        kinds = answer.get("content", {})
        if not kinds:
            return [] if body is None else ["an answer without a body has one"]
        return list(self._problems(kinds["application/json"]["schema"], body))

    def _operation(self, route: str) -> dict[str, Any]:
        method, _, path = route.partition(" ")
        shape = PART.sub("{}", path)
        found = [one for one in self.whole["paths"] if PART.sub("{}", one) == shape]
        if not found:
            raise LookupError(f"no path like {path} is published")
        operation: dict[str, Any] = self.whole["paths"][found[0]][method.lower()]
        return operation

    def _problems(self, schema: dict[str, Any], value: Any) -> Iterator[str]:
        validator = Draft202012Validator({**schema, "components": self.whole["components"]})
        for error in validator.iter_errors(value):
            yield from told(error)


def distance(errors: list[ValidationError]) -> tuple[bool, int]:
    """How far a way is from what was meant: one of another `type` is furthest."""
    return any(error.absolute_path and error.absolute_path[-1] == "type" for error in errors), len(errors)


def told(error: ValidationError) -> Iterator[str]:
    """An error and what is behind it; of several ways that all fail, the one that comes nearest."""
    if error.context:
        ways: dict[Any, list[ValidationError]] = {}
        for one in error.context:
            ways.setdefault(one.schema_path[0], []).append(one)
        for one in min(ways.values(), key=distance):
            yield from told(one)
        return
    yield f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}"
