"""How Discord writes guilds, roles and the app: https://docs.discord.com/developers/resources/guild."""

from typing import Any

from tests.servers.discord.bodies import (
    born_at,
    gateway_channel_body,
    member_body,
    stamp,
    thread_body,
    user_body,
)
from tests.servers.discord.permissions import allowed, in_guild
from tests.servers.discord.places import Guild, Role
from tests.servers.discord.state import APP, BOT, OWNER, World

Body = dict[str, Any]

NOTHING = (
    "icon banner description home_header splash discovery_splash application_id afk_channel_id"
    " system_channel_id widget_channel_id max_presences vanity_url_code rules_channel_id"
    " safety_alerts_channel_id public_updates_channel_id incidents_data"
)
ZERO = (
    "verification_level default_message_notifications explicit_content_filter mfa_level nsfw_level"
    " system_channel_flags premium_tier premium_subscription_count"
)
FALSE = "widget_enabled premium_progress_bar_enabled nsfw"


def role_body(role: Role, guild: Guild) -> Body:
    body: Body = {
        "id": str(role.id),
        "name": role.name,
        "permissions": str(role.permissions),
        "position": 0 if role.id == guild.id else 1,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": role.bot is not None,
        "mentionable": role.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return body if role.bot is None else {**body, "tags": {"bot_id": str(role.bot)}}


def guild_body(guild: Guild) -> Body:
    """What REST tells of a guild."""
    look = {"roles": [], "available": True, "animated": False, "managed": False, "require_colons": True}
    return {
        **dict.fromkeys(NOTHING.split()),
        **dict.fromkeys(ZERO.split(), 0),
        **dict.fromkeys(FALSE.split(), False),
        "id": str(guild.id),
        "name": guild.name,
        "owner_id": str(guild.owner),
        "region": "deprecated",
        "roles": [role_body(role, guild) for role in guild.roles.values()],
        "emojis": [{"id": str(made), "name": name, **look} for made, name in guild.emojis.items()],
        "stickers": [],
        "features": ["COMMUNITY"],
        "preferred_locale": guild.locale,
        "afk_timeout": 300,
        "max_members": 500_000,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
    }


def own_guild_body(guild: Guild) -> Body:
    """What the list of the bot's guilds tells of each."""
    rights = {"owner": False, "permissions": str(in_guild(guild, BOT))}
    return {"id": str(guild.id), "name": guild.name, "icon": None, "banner": None, "features": [], **rights}


def guild_create_body(world: World, guild: Guild) -> Body:
    """What the gateway tells of a guild: of its threads the open ones that the bot can see.

    Of its members only the bot, as without the intent for presences; the others have to be asked for.
    """
    channels = [one for one in guild.channels.values() if not one.is_thread]
    threads = [one for one in guild.channels.values() if one.is_thread and not one.archived]
    seen = [one for one in threads if allowed(guild, one, BOT)]
    return {
        **guild_body(guild),
        "joined_at": stamp(born_at(guild.id)),
        "large": False,
        "unavailable": False,
        "member_count": len(guild.members),
        "members": [member_body(world, guild.members[BOT])],
        "channels": [gateway_channel_body(world, one) for one in channels],
        "threads": [thread_body(world, one) for one in seen],
        "presences": [],
        "voice_states": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application_body(world: World) -> Body:
    """https://docs.discord.com/developers/resources/application."""
    switched = {"GUILD_PRESENCES": 1 << 13, "GUILD_MEMBERS": 1 << 15, "MESSAGE_CONTENT": 1 << 19}
    flags = sum(switched[name] for name in world.privileged)
    nothing = ("icon", "type", "team", "interactions_endpoint_url", "role_connections_verification_url")
    return {
        **dict.fromkeys(nothing),
        "id": str(APP),
        "name": "bot",
        "description": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "owner": user_body(world.people[OWNER]),
        "bot": user_body(world.people[BOT]),
        "flags": flags,
        "flags_new": str(flags),
        "redirect_uris": [],
        "eligible_oauth2_scopes": [],
        "explicit_content_filter": 0,
        "approximate_guild_count": len(list(world.bots_guilds())),
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
    }
