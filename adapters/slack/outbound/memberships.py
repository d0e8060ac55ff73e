"""Which channels somebody is in."""

from slack_sdk.web.async_client import AsyncWebClient

MAX_PAGES = 5
_CHANNELS = {"types": "public_channel,private_channel", "exclude_archived": "true", "limit": "999"}


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
