"""What Slack allows, as data: each figure with the page that tells it."""

from dataclasses import dataclass, field

DOCS = "https://docs.slack.dev/"
BLOCKS = DOCS + "reference/block-kit/blocks/"
ELEMENTS = DOCS + "reference/block-kit/block-elements/"
OBJECTS = DOCS + "reference/block-kit/composition-objects/"
METHOD_PAGES = DOCS + "reference/methods/"
INTERACTIVITY = DOCS + "interactivity/handling-user-interaction/"


@dataclass(frozen=True)
class Limit:
    """A figure and where it stands."""

    value: int
    source: str


LIMITS: dict[str, Limit] = {
    "blocks.message": Limit(50, BLOCKS),
    "blocks.view": Limit(100, BLOCKS),
    "blocks.characters": Limit(13_200, "https://github.com/slackapi/bolt-js/issues/2509"),
    "block_id": Limit(255, BLOCKS),
    "action_id": Limit(255, ELEMENTS + "button-element"),
    "section.text": Limit(3000, BLOCKS + "section-block"),
    "section.fields": Limit(10, BLOCKS + "section-block"),
    "section.field": Limit(2000, BLOCKS + "section-block"),
    "header.text": Limit(150, BLOCKS + "header-block"),
    "context.elements": Limit(10, BLOCKS + "context-block"),
    "context.text": Limit(3000, OBJECTS + "text-object"),
    "actions.elements": Limit(25, BLOCKS + "actions-block"),
    "markdown.text": Limit(12_000, BLOCKS + "markdown-block"),
    "image.url": Limit(3000, BLOCKS + "image-block"),
    "image.alt_text": Limit(2000, BLOCKS + "image-block"),
    "image.title": Limit(2000, BLOCKS + "image-block"),
    "input.label": Limit(2000, BLOCKS + "input-block"),
    "input.text": Limit(3000, ELEMENTS + "plain-text-input-element"),
    "input.hint": Limit(2000, BLOCKS + "input-block"),
    "button.text": Limit(75, ELEMENTS + "button-element"),
    "button.value": Limit(2000, ELEMENTS + "button-element"),
    "button.url": Limit(3000, ELEMENTS + "button-element"),
    "button.accessibility_label": Limit(75, ELEMENTS + "button-element"),
    "overflow.least": Limit(2, ELEMENTS + "overflow-menu-element"),
    "overflow.most": Limit(5, ELEMENTS + "overflow-menu-element"),
    "select.options": Limit(100, ELEMENTS + "select-menu-element"),
    "option_group.label": Limit(75, OBJECTS + "option-group-object"),
    "choices.options": Limit(10, ELEMENTS + "checkboxes-element"),
    "placeholder": Limit(150, ELEMENTS + "select-menu-element"),
    "option.text": Limit(75, OBJECTS + "option-object"),
    "option.value": Limit(150, OBJECTS + "option-object"),
    "option.description": Limit(75, OBJECTS + "option-object"),
    "confirm.title": Limit(100, OBJECTS + "confirmation-dialog-object"),
    "confirm.text": Limit(300, OBJECTS + "confirmation-dialog-object"),
    "confirm.button": Limit(30, OBJECTS + "confirmation-dialog-object"),
    "view.title": Limit(24, DOCS + "reference/views/modal-views"),
    "view.button": Limit(24, DOCS + "reference/views/modal-views"),
    "view.callback_id": Limit(255, DOCS + "reference/views/modal-views"),
    "view.external_id": Limit(255, DOCS + "reference/views/modal-views"),
    "view.private_metadata": Limit(3000, DOCS + "reference/views/modal-views"),
    "views.stack": Limit(3, DOCS + "surfaces/modals"),
    "message.text": Limit(40_000, METHOD_PAGES + "chat.postMessage"),
    "update.text": Limit(4000, METHOD_PAGES + "chat.update"),
    "metadata.bytes": Limit(16_384, DOCS + "messaging/message-metadata"),
    "history.default": Limit(100, METHOD_PAGES + "conversations.history"),
    "history.most": Limit(999, METHOD_PAGES + "conversations.history"),
    "response_url.uses": Limit(5, INTERACTIVITY),
    "response_url.seconds": Limit(1800, INTERACTIVITY),
    "trigger_id.seconds": Limit(3, INTERACTIVITY),
    "ack.seconds": Limit(3, INTERACTIVITY),
    "socket.connections": Limit(10, DOCS + "apis/events-api/using-socket-mode"),
    "signature.seconds": Limit(300, DOCS + "authentication/verifying-requests-from-slack"),
    "events.retries": Limit(3, DOCS + "apis/events-api/"),
    "rate.post_per_channel": Limit(60, DOCS + "apis/web-api/rate-limits"),
    "rate.tier1": Limit(1, DOCS + "apis/web-api/rate-limits"),
    "rate.tier2": Limit(20, DOCS + "apis/web-api/rate-limits"),
    "rate.tier3": Limit(50, DOCS + "apis/web-api/rate-limits"),
    "rate.tier4": Limit(100, DOCS + "apis/web-api/rate-limits"),
    "rate.special": Limit(600, METHOD_PAGES + "auth.test"),
}
"""Rates are calls a minute."""

RETRY_AFTER_SECONDS = (0, 60, 300)
"""When an event is sent again: https://docs.slack.dev/apis/events-api/#retries."""


def limit(name: str) -> int:
    """The figure alone."""
    return LIMITS[name].value


@dataclass(frozen=True)
class Method:
    """What a method asks for; its page is `METHOD_PAGES` and its name."""

    arguments: frozenset[str]
    required: frozenset[str] = frozenset()
    scopes: tuple[str, ...] = ()
    """One of these; for conversations, the one for that kind of conversation."""
    tokens: frozenset[str] = field(default=frozenset({"bot", "user"}))
    tier: str = "tier3"
    reads_json: bool = True


def words(text: str) -> frozenset[str]:
    """Names written in one line."""
    return frozenset(text.split())


OF_KINDS = ("channels", "groups", "im", "mpim")
HISTORY = tuple(f"{kind}:history" for kind in OF_KINDS)
READ = tuple(f"{kind}:read" for kind in OF_KINDS)
OPEN = ("channels:manage", "groups:write", "im:write", "mpim:write")
POSTED = "as_user attachments blocks channel icon_emoji icon_url link_names parse text thread_ts username"
PAGED = "channel latest oldest inclusive limit cursor include_all_metadata"
NOBODY: frozenset[str] = frozenset()

METHODS: dict[str, Method] = {
    "api.test": Method(words("error foo"), tokens=NOBODY, tier="tier4"),
    "auth.test": Method(NOBODY, tokens=words("bot user app"), tier="special"),
    "apps.connections.open": Method(NOBODY, scopes=("connections:write",), tokens=words("app"), tier="tier1"),
    "chat.postMessage": Method(
        words(POSTED + " mrkdwn reply_broadcast unfurl_links unfurl_media metadata markdown_text"),
        words("channel"),
        ("chat:write",),
        tier="special",
    ),
    "chat.postEphemeral": Method(
        words(POSTED + " user markdown_text"), words("channel user"), ("chat:write",), tier="tier4"
    ),
    "chat.update": Method(
        words(
            "as_user attachments blocks channel link_names parse text ts metadata reply_broadcast file_ids"
            " unfurled_attachments markdown_text"
        ),
        words("channel ts"),
        ("chat:write",),
    ),
    "chat.unfurl": Method(
        words(
            "channel ts unfurls unfurl_id source metadata"
            " user_auth_blocks user_auth_message user_auth_required user_auth_url"
        ),
        scopes=("links:write",),
    ),
    "chat.delete": Method(words("ts channel as_user"), words("channel ts"), ("chat:write",)),
    "chat.getPermalink": Method(
        words("channel message_ts"), words("channel message_ts"), tier="special", reads_json=False
    ),
    "conversations.history": Method(words(PAGED), words("channel"), HISTORY, reads_json=False),
    "conversations.replies": Method(words(PAGED + " ts"), words("channel ts"), HISTORY, reads_json=False),
    "conversations.info": Method(
        words("channel include_locale include_num_members"), words("channel"), READ, reads_json=False
    ),
    "conversations.open": Method(words("channel users return_im prevent_creation"), NOBODY, OPEN),
    "conversations.join": Method(words("channel"), words("channel"), ("channels:join",)),
    "reactions.get": Method(
        words("channel file file_comment full timestamp"), NOBODY, ("reactions:read",), reads_json=False
    ),
    "reactions.add": Method(
        words("channel name timestamp"), words("channel name timestamp"), ("reactions:write",)
    ),
    "reactions.remove": Method(
        words("channel name timestamp file file_comment"), words("name"), ("reactions:write",), tier="tier2"
    ),
    "users.conversations": Method(
        words("cursor exclude_archived limit team_id types user"), NOBODY, READ, reads_json=False
    ),
    "users.info": Method(
        words("include_locale user"), words("user"), ("users:read",), tier="tier4", reads_json=False
    ),
    "views.open": Method(words("trigger_id view interactivity_pointer"), words("view"), tier="tier4"),
    "views.update": Method(words("view_id external_id view hash"), words("view"), tier="tier4"),
    "views.publish": Method(words("user_id view hash"), words("user_id view"), tier="tier4"),
    "oauth.v2.access": Method(
        words("client_id client_secret code redirect_uri grant_type refresh_token code_verifier"),
        NOBODY,
        tokens=NOBODY,
        tier="tier4",
        reads_json=False,
    ),
}
