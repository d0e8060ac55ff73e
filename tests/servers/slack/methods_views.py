"""The `views` methods: https://docs.slack.dev/reference/methods/views.open and its neighbours."""

from collections.abc import Mapping
from typing import Any

from tests.servers.slack.blocks import view_problems
from tests.servers.slack.limits import limit
from tests.servers.slack.methods_chat import decoded
from tests.servers.slack.state import SlackError, Token, World, refused
from tests.servers.slack.views import View, stamped

Arguments = Mapping[str, Any]


def checked_view(world: World, arguments: Arguments, kind: str) -> dict[str, Any]:
    view = decoded(arguments["view"], "invalid_arguments")
    if problems := view_problems(view, kind):
        raise refused("invalid_arguments", problems)
    return {**view, "blocks": stamped(view["blocks"], world.number("v"))}


async def views_open(world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    """A trigger opens one view, and only while it is fresh."""
    view = checked_view(world, arguments, "modal")
    trigger = world.triggers.get(str(arguments.get("trigger_id")))
    if trigger is None:
        raise SlackError("invalid_trigger_id")
    given, user, used = trigger
    if used:
        raise SlackError("exchanged_trigger_id")
    if world.clock() - given > limit("trigger_id.seconds"):
        raise SlackError("expired_trigger_id")
    check_external_id(world, view)
    trigger[2] = True
    return {"view": world.open_view(user, view).body(world.installed_in)}


def check_external_id(world: World, view: dict[str, Any]) -> None:
    wanted = view.get("external_id")
    if wanted and any(one.open and one.view.get("external_id") == wanted for one in world.views.values()):
        raise SlackError("duplicate_external_id")


async def views_update(world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    view = checked_view(world, arguments, "modal")
    wanted = arguments.get("view_id"), arguments.get("external_id")
    for kept in world.views.values():
        if kept.open and (kept.id == wanted[0] or (wanted[1] and kept.view.get("external_id") == wanted[1])):
            return {"view": replaced(world, kept, view, arguments).body(world.installed_in)}
    raise SlackError("not_found")


def replaced(world: World, kept: View, view: dict[str, Any], arguments: Arguments) -> View:
    if arguments.get("hash") and arguments["hash"] != kept.hash:
        raise SlackError("hash_conflict")
    kept.show(view, world.number("hash."))
    return kept


async def views_publish(world: World, _token: Token, arguments: Arguments) -> dict[str, Any]:
    if not world.has_home:
        raise SlackError("not_enabled")
    if arguments["user_id"] not in world.people:
        raise SlackError("user_not_found")
    view = checked_view(world, arguments, "home")
    user = str(arguments["user_id"])
    kept = world.homes.setdefault(user, View(world.number("V"), user, view, world.number("hash.")))
    return {"view": replaced(world, kept, view, arguments).body(world.installed_in)}


VIEWS = {"views.open": views_open, "views.update": views_update, "views.publish": views_publish}
