"""The page on which people sign in, and the links in mails that sign them in."""

from urllib.parse import urlencode

from starlette.responses import Response

from adapters.web.inbound.forms import own_path
from adapters.web.inbound.site import NotFound, Visit
from adapters.web.outbound.responses import redirect
from adapters.web.render.views import Link, notes
from bot.domain.errors import UserError
from bot.ports.sign_in_links import SignInLinks
from bot.protocol.wording import cleaned

MAIL_LINK = "/sign-in/mail/"
_SENT = (
    "If an account here has {}, a mail with a link is on its way to it.",
    "The link works once, for fifteen minutes. An address gets only a few of these mails a day.",
)
_BROKEN, _GONE = "That link doesn't work", 410


def entrance(
    visit: Visit, said: str = "", *, wrong: str = "", code: str = "", address: str = "", then: str = ""
) -> Response:
    """Show every way to sign in.

    Args:
        visit: who asks.
        said: a sentence about what happened before.
        wrong: the field that it is about, if that is a mistake.
        code: what stands in that field.
        address: what stands in that field.
        then: where signing in leads to; else what the address of the page says.

    """
    reader = visit.site.readers.with_form(visit.reader)
    then = own_path(then or visit.request.query_params.get("next", "/"))
    services = visit.site.services
    response = Visit(visit.site, visit.request, reader).show(
        "sign_in.html",
        "Sign in",
        "Sign in",
        status=400 if wrong else 200,
        keep=False,
        notes=notes(said),
        wrong=wrong,
        code=code,
        address=address,
        next=then,
        by_mail=services.sign_in_links is not None,
        providers=[
            Link(f"Sign in with {each.label}", f"/sign-in/{each.platform}?{urlencode({'next': then})}")
            for each in services.providers
        ],
    )
    visit.site.readers.keep_form(response, reader)
    return response


async def mail_link(visit: Visit) -> Response:
    """Have a link mailed. The answer is the same for every address."""
    form, links = await visit.form(), _links(visit)
    address = form.get("address", "")
    try:
        links.start(address, visit.site.services.public_url.rstrip("/") + MAIL_LINK)
    except UserError as error:
        return entrance(visit, str(error), wrong="address", address=address, then=form.get("next", ""))
    first, second = _SENT
    return visit.say("Look into your mailbox", [first.format(cleaned(address)), second], 200)


async def offer(visit: Visit) -> Response:
    """Show a link's button. Mail scanners follow every link, so this changes nothing."""
    try:
        owner = await _links(visit).owner_of(visit.request.path_params["seal"])
    except UserError as error:
        return visit.say(_BROKEN, [str(error)], _GONE)
    reader = visit.site.readers.with_form(visit.reader)
    response = Visit(visit.site, visit.request, reader).show(
        "sign_in_mail.html", "Sign in", "Sign in", keep=False, owner=owner
    )
    visit.site.readers.keep_form(response, reader)
    return response


async def enter(visit: Visit) -> Response:
    """Sign in whoever has pressed a link's button."""
    await visit.form()
    try:
        account_id = await _links(visit).account_by(visit.request.path_params["seal"])
    except UserError as error:
        return visit.say(_BROKEN, [str(error)], _GONE)
    response = redirect("/")
    await visit.site.readers.sign_in(response, account_id)
    return response


def _links(visit: Visit) -> SignInLinks:
    links = visit.site.services.sign_in_links
    if links is None:
        raise NotFound
    return links
