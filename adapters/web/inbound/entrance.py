"""The page on which people sign in."""

from urllib.parse import urlencode

from starlette.responses import Response

from adapters.web.inbound.forms import own_path
from adapters.web.inbound.site import Visit
from adapters.web.render.views import Link, notes


def entrance(
    visit: Visit, said: str = "", tone: str = "info", *, code: str = "", then: str = "", status: int = 200
) -> Response:
    """Show every way to sign in, with a sentence of what happened before. `then` is where it leads to."""
    reader = visit.site.readers.with_form(visit.reader)
    then = own_path(then or visit.request.query_params.get("next", "/"))
    response = Visit(visit.site, visit.request, reader).show(
        "sign_in.html",
        "Sign in",
        "Sign in",
        status=status,
        keep=False,
        notes=notes(said),
        tone=tone,
        code=code,
        next=then,
        providers=[
            Link(f"Sign in with {each.label}", f"/sign-in/{each.platform}?{urlencode({'next': then})}")
            for each in visit.site.services.providers
        ],
    )
    visit.site.readers.keep_form(response, reader)
    return response
