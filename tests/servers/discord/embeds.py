"""Embeds: https://docs.discord.com/developers/resources/message#embed-object."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.servers.discord.limits import limit
from tests.servers.discord.problems import Path, Problems

WEB = ("http", "https")
PICTURES = ("http", "https", "attachment")


def check_embeds(body: Mapping[str, Any], problems: Problems) -> None:
    """Check each embed, and how long all texts are together."""
    embeds = problems.items(body, "embeds", (0, limit("embeds")), ())
    for number, embed in enumerate(embeds):
        where: Path = ("embeds", number)
        if problems.is_object(embed, where):
            check_embed(embed, where, problems)
    if sum(characters(embed) for embed in embeds if isinstance(embed, dict)) > limit("embed.all"):
        said = f"Embed size exceeds maximum size of {limit('embed.all')}"
        problems.add(("embeds",), "MAX_EMBED_SIZE_EXCEEDED", said)


def check_embed(embed: Mapping[str, Any], where: Path, problems: Problems) -> None:
    problems.string(embed, "title", limit("embed.title"), where)
    problems.string(embed, "description", limit("embed.description"), where)
    problems.string(embed, "url", limit("embed.url"), where)
    problems.link(embed, "url", where, WEB)
    problems.number(embed, "color", (0, limit("embed.color")), where)
    check_timestamp(embed, where, problems)
    parts = {"footer": "text", "author": "name", "image": "url", "thumbnail": "url"}
    for name, needed in parts.items():
        part, at = embed.get(name), (*where, name)
        if part is None or not problems.is_object(part, at) or not problems.needs(part, [needed], at):
            continue
        if needed == "url":
            problems.link(part, "url", at, PICTURES)
        else:
            problems.string(part, needed, limit(f"embed.{name}.{needed}"), at)
            problems.link(part, "url", at, WEB)
        problems.link(part, "icon_url", at, PICTURES)
    for number, field in enumerate(problems.items(embed, "fields", (0, limit("embed.fields")), where)):
        check_field(field, (*where, "fields", number), problems)


def check_field(field: Any, where: Path, problems: Problems) -> None:
    if not problems.is_object(field, where) or not problems.needs(field, ["name", "value"], where):
        return
    problems.string(field, "name", limit("embed.field.name"), where, least=1)
    problems.string(field, "value", limit("embed.field.value"), where, least=1)
    problems.truth(field, "inline", where)


def check_timestamp(embed: Mapping[str, Any], where: Path, problems: Problems) -> None:
    given = embed.get("timestamp")
    if given is None:
        return
    try:
        datetime.fromisoformat(given)
    except (TypeError, ValueError):
        said = f"Could not parse {given}. Should be ISO8601."
        problems.add((*where, "timestamp"), "DATE_TIME_TYPE_PARSE", said)


def characters(embed: Mapping[str, Any]) -> int:
    """How long the texts that count are together."""
    texts = [embed.get("title"), embed.get("description")]
    texts += [
        part.get(name)
        for part, name in ((embed.get("footer"), "text"), (embed.get("author"), "name"))
        if isinstance(part, dict)
    ]
    fields = embed.get("fields")
    for field in fields if isinstance(fields, list) else []:
        if isinstance(field, dict):
            texts += [field.get("name"), field.get("value")]
    return sum(len(text) for text in texts if isinstance(text, str))


def kept(embeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Embeds as Discord gives them back."""
    done = []
    for embed in embeds:
        fields = [{"inline": False, **field} for field in embed.get("fields") or []]
        done.append({"type": "rich", **embed} | ({"fields": fields} if fields else {}))
    return done
