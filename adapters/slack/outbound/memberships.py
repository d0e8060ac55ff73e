"""Whether somebody is in a workspace, and in which of its channels."""

from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.outbound.client import code_of

MAX_PAGES = 5
_CHANNELS = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "999"}
_UNKNOWN = frozenset({"user_not_found", "user_not_visible"})
"""Error codes of `users.info` for people who are not, or no longer, in the workspace."""


async def memberships(client: AsyncWebClient, person: str) -> frozenset[str]:
    """Return the ids of the channels that both the bot and the person are in.

    Reads at most MAX_PAGES pages of up to 999 channels each.

    Raises:
        SlackApiError: Slack refuses the call, for example because it does not know the person.

    """
    channels: set[str] = set()
    cursor = ""
    for _ in range(MAX_PAGES):
        response = await client.users_conversations(user=person, cursor=cursor, **_CHANNELS)  # type: ignore[arg-type]  # the SDK accepts strings here
        channels.update(each["id"] for each in response["channels"])
        cursor = (response.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
    return frozenset(channels)


async def is_active(client: AsyncWebClient, person: str) -> bool:
    """Whether somebody has an account in the workspace that is not deactivated.

    Somebody of another organisation counts as long as a channel is shared with them: Slack calls them a
    stranger afterwards.

    Raises:
        SlackApiError: Slack does not say.

    """
    try:
        user = (await client.users_info(user=person))["user"]
    except SlackApiError as error:
        if code_of(error) not in _UNKNOWN:
            raise
        return False
    return not (user.get("deleted") or user.get("is_stranger"))
