"""What Discord allows, as data: each figure with the page that tells it."""

from dataclasses import dataclass

DOCS = "https://docs.discord.com/developers/"
MESSAGE = DOCS + "resources/message"
COMPONENTS = DOCS + "components/reference"
COMMANDS = DOCS + "interactions/application-commands"
INTERACTIONS = DOCS + "interactions/receiving-and-responding"
CHANNEL = DOCS + "resources/channel"
CODES = DOCS + "topics/opcodes-and-status-codes#json"
GATEWAY = DOCS + "events/gateway"
RATES = DOCS + "topics/rate-limits"
OPENAPI = "https://github.com/discord/discord-api-spec"


@dataclass(frozen=True)
class Limit:
    """A figure and where it stands."""

    value: int
    source: str


LIMITS: dict[str, Limit] = {
    "content": Limit(2000, MESSAGE + "#create-message"),
    "nonce": Limit(25, MESSAGE + "#create-message"),
    "nonce.seconds": Limit(180, MESSAGE + "#create-message"),
    "attachments": Limit(10, OPENAPI),
    "embeds": Limit(10, MESSAGE + "#create-message"),
    "embed.title": Limit(256, MESSAGE + "#embed-object-embed-limits"),
    "embed.description": Limit(4096, MESSAGE + "#embed-object-embed-limits"),
    "embed.fields": Limit(25, MESSAGE + "#embed-object-embed-limits"),
    "embed.field.name": Limit(256, MESSAGE + "#embed-object-embed-limits"),
    "embed.field.value": Limit(1024, MESSAGE + "#embed-object-embed-limits"),
    "embed.footer.text": Limit(2048, MESSAGE + "#embed-object-embed-limits"),
    "embed.author.name": Limit(256, MESSAGE + "#embed-object-embed-limits"),
    "embed.all": Limit(6000, MESSAGE + "#embed-object-embed-limits"),
    "embed.url": Limit(2048, OPENAPI),
    "embed.color": Limit(0xFFFFFF, OPENAPI),
    "mentions": Limit(100, MESSAGE + "#allowed-mentions-object"),
    "messages.most": Limit(100, MESSAGE + "#get-channel-messages"),
    "messages.default": Limit(50, MESSAGE + "#get-channel-messages"),
    "reactions.most": Limit(100, MESSAGE + "#get-reactions"),
    "reactions.default": Limit(25, MESSAGE + "#get-reactions"),
    "reactions.message": Limit(20, CODES),
    "rows": Limit(5, COMPONENTS + "#legacy-message-component-behavior"),
    "row.buttons": Limit(5, COMPONENTS + "#action-row"),
    "custom_id": Limit(100, COMPONENTS + "#anatomy-of-a-component-custom-id"),
    "component.id": Limit(2**31 - 1, COMPONENTS + "#anatomy-of-a-component"),
    "button.label": Limit(80, COMPONENTS + "#button-button-structure"),
    "button.url": Limit(512, COMPONENTS + "#button-button-structure"),
    "select.options": Limit(25, COMPONENTS + "#string-select-string-select-structure"),
    "select.values": Limit(25, COMPONENTS + "#string-select-string-select-structure"),
    "select.placeholder": Limit(150, COMPONENTS + "#string-select-string-select-structure"),
    "select.label": Limit(100, COMPONENTS + "#string-select-select-option-structure"),
    "select.value": Limit(100, COMPONENTS + "#string-select-select-option-structure"),
    "select.description": Limit(100, COMPONENTS + "#string-select-select-option-structure"),
    "v2.components": Limit(40, COMPONENTS),
    "v2.text": Limit(4000, COMPONENTS + "#text-display"),
    "section.texts": Limit(3, COMPONENTS + "#section"),
    "gallery.items": Limit(10, COMPONENTS + "#media-gallery"),
    "media.description": Limit(1024, COMPONENTS + "#media-gallery"),
    "media.url": Limit(2048, OPENAPI),
    "modal.title": Limit(45, INTERACTIONS + "#interaction-response-object-modal"),
    "modal.components": Limit(5, INTERACTIONS + "#interaction-response-object-modal"),
    "label.label": Limit(45, COMPONENTS + "#label"),
    "label.description": Limit(100, COMPONENTS + "#label"),
    "input.length": Limit(4000, COMPONENTS + "#text-input"),
    "input.placeholder": Limit(100, COMPONENTS + "#text-input"),
    "choices": Limit(25, INTERACTIONS + "#interaction-response-object-autocomplete"),
    "choice.name": Limit(
        100, COMMANDS + "#application-command-object-application-command-option-choice-structure"
    ),
    "choice.value": Limit(
        100, COMMANDS + "#application-command-object-application-command-option-choice-structure"
    ),
    "commands.slash": Limit(100, COMMANDS + "#registering-a-command"),
    "commands.user": Limit(15, COMMANDS + "#registering-a-command"),
    "commands.message": Limit(15, COMMANDS + "#registering-a-command"),
    "commands.created": Limit(200, COMMANDS + "#registering-a-command"),
    "commands.created.seconds": Limit(86_400, COMMANDS + "#registering-a-command"),
    "command.name": Limit(32, COMMANDS + "#application-command-object-application-command-naming"),
    "command.description": Limit(100, COMMANDS + "#create-global-application-command"),
    "command.options": Limit(
        25, COMMANDS + "#application-command-object-application-command-option-structure"
    ),
    "command.characters": Limit(8000, COMMANDS + "#slash-commands"),
    "option.length": Limit(
        6000, COMMANDS + "#application-command-object-application-command-option-structure"
    ),
    "interaction.seconds": Limit(3, INTERACTIONS + "#interaction-response-object"),
    "interaction.token.seconds": Limit(900, INTERACTIONS + "#followup-messages"),
    "channel.name": Limit(100, CHANNEL + "#channel-object-channel-structure"),
    "channel.topic": Limit(1024, CHANNEL + "#channel-object-channel-structure"),
    "forum.topic": Limit(4096, CHANNEL + "#channel-object-channel-structure"),
    "forum.tags": Limit(5, CHANNEL + "#start-thread-in-forum-or-media-channel"),
    "slowmode": Limit(21_600, CHANNEL + "#channel-object-channel-structure"),
    "threads.most": Limit(100, OPENAPI),
    "threads.active": Limit(1000, CODES),
    "thread.members": Limit(1000, CODES),
    "pins": Limit(250, CODES),
    "pins.most": Limit(50, MESSAGE + "#get-channel-pins"),
    "edits.old.after": Limit(3600, CODES),
    "members.most": Limit(1000, DOCS + "resources/guild#list-guild-members"),
    "gateway.heartbeat": Limit(41_250, GATEWAY + "#hello-event"),
    "gateway.payload": Limit(4096, GATEWAY + "#sending-events"),
    "gateway.sent": Limit(120, GATEWAY + "#rate-limiting"),
    "gateway.sent.seconds": Limit(60, GATEWAY + "#rate-limiting"),
    "gateway.identify.seconds": Limit(5, GATEWAY + "#session-start-limit-object"),
    "gateway.guilds": Limit(2500, GATEWAY + "#sharding"),
    "rate.global": Limit(50, RATES + "#global-rate-limit"),
    "rate.invalid": Limit(10_000, RATES + "#invalid-request-limit-aka-cloudflare-bans"),
    "rate.invalid.seconds": Limit(600, RATES + "#invalid-request-limit-aka-cloudflare-bans"),
}
"""`nonce.seconds` is the least that "the past few minutes" can mean. That active threads are limited stands
in topics/threads, which leaves the figure out.
"""

ARCHIVE_MINUTES = (60, 1440, 4320, 10_080)
"""https://docs.discord.com/developers/resources/channel#thread-metadata-object."""


def limit(name: str) -> int:
    """The figure alone."""
    return LIMITS[name].value
