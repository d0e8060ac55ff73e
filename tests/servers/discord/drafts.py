"""The body of a message: https://docs.discord.com/developers/resources/message#create-message."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.servers.discord.components import kept as kept_components
from tests.servers.discord.components import message_components
from tests.servers.discord.embeds import check_embeds, kept
from tests.servers.discord.errors import DiscordError
from tests.servers.discord.layout import layout_components
from tests.servers.discord.limits import limit
from tests.servers.discord.mentions import check_allowed
from tests.servers.discord.places import COMPONENTS_V2, EPHEMERAL, SETTABLE, Message
from tests.servers.discord.problems import Problems, snowflake, whole

LEGACY = ("content", "embeds")


@dataclass
class Upload:
    """One file that came with a body."""

    filename: str
    size: int


@dataclass
class Draft:
    """A body that was found good."""

    body: Mapping[str, Any]
    files: dict[int, Upload] = field(default_factory=dict)
    v2: bool = False

    @property
    def content(self) -> str:
        return str(self.body.get("content") or "").strip()

    @property
    def flags(self) -> int:
        return (self.body.get("flags") or 0) & SETTABLE

    @property
    def ephemeral(self) -> bool:
        return bool((self.body.get("flags") or 0) & EPHEMERAL)

    def attachments(self, made: Any) -> list[dict[str, Any]]:
        """The files as Discord gives them back; `made` makes an id."""
        told = {snowflake(each["id"]): each for each in self.body.get("attachments") or []}
        return [
            {
                "id": str(made()),
                "filename": upload.filename,
                "size": upload.size,
                "url": f"https://cdn.discordapp.com/attachments/{number}/{upload.filename}",
                "proxy_url": f"https://media.discordapp.net/attachments/{number}/{upload.filename}",
                "description": told.get(number, {}).get("description"),
            }
            for number, upload in self.files.items()
        ]

    @property
    def is_empty(self) -> bool:
        body = self.body
        return not (self.content or body.get("embeds") or body.get("components") or self.files)


def check_message(
    body: Mapping[str, Any],
    files: dict[int, Upload],
    *,
    edits: Message | None = None,
    emojis: frozenset[int] | None = None,
    empty: bool = False,
) -> Draft:
    """Check a body, which makes a message or changes one.

    `emojis` are those of guilds that it may have; it may be `empty` where it passes another one on.

    Raises DiscordError 50035 with all that is wrong, or 50006 where nothing would be shown.
    """
    problems = Problems()
    problems.string(body, "content", limit("content"), ())
    problems.truth(body, "tts", ())
    problems.number(body, "flags", (0, 2**31 - 1), ())
    for name in ("poll", "sticker_ids"):
        if body.get(name):
            problems.add((name,), "NOT_SERVED", "This server knows neither polls nor stickers")
    check_nonce(body, problems)
    check_allowed(body, problems)
    check_embeds(body, problems)
    check_files(body, files, problems, edits)
    flags = body.get("flags") if whole(body.get("flags")) else 0
    v2 = bool((flags or 0) & COMPONENTS_V2) or (edits is not None and edits.is_v2)
    if v2:
        check_legacy(body, problems, edits)
        names = {upload.filename for upload in files.values()}
        names |= {each["filename"] for each in (edits.attachments if edits else [])}
        layout_components(body.get("components"), problems, frozenset(names), emojis)
    else:
        message_components(body.get("components"), problems, emojis)
    problems.refuse()
    draft = Draft(body, files, v2)
    if edits is None and draft.is_empty and not empty:
        raise DiscordError(50006)
    return draft


def check_nonce(body: Mapping[str, Any], problems: Problems) -> None:
    nonce = body.get("nonce")
    problems.truth(body, "enforce_nonce", ())
    if nonce is None or whole(nonce):
        return
    problems.string(body, "nonce", limit("nonce"), ())


def check_legacy(body: Mapping[str, Any], problems: Problems, edits: Message | None) -> None:
    """The new components stand alone."""
    for name in LEGACY:
        if body.get(name):
            said = f"The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2"
            problems.add((name,), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", said)
    left = edits is not None and not edits.is_v2 and (edits.content and "content" not in body)
    if left or (edits is not None and not edits.is_v2 and edits.embeds and "embeds" not in body):
        said = "The message must lose its content and embeds first"
        problems.add(("flags",), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", said)


def check_files(
    body: Mapping[str, Any], files: Mapping[int, Upload], problems: Problems, edits: Message | None
) -> None:
    known = {int(each["id"]) for each in edits.attachments} if edits else set()
    for number, one in enumerate(problems.items(body, "attachments", (0, limit("attachments")), ())):
        where = ("attachments", number)
        if not problems.is_object(one, where) or not problems.needs(one, ["id"], where):
            continue
        made = snowflake(one["id"])
        if made is None or made not in {*files, *known}:
            said = (
                "Attachment data for ID not found"
                if made is not None
                else f'Value "{one["id"]}" is not snowflake.'
            )
            problems.add((*where, "id"), "ATTACHMENT_NOT_FOUND", said)


def components_of(draft: Draft) -> list[dict[str, Any]]:
    return kept_components(draft.body.get("components") or [])


def embeds_of(draft: Draft) -> list[dict[str, Any]]:
    return kept(draft.body.get("embeds") or [])
