"""Links in mails, by which the owner of an address signs in."""

from typing import Protocol


class SignInLinks(Protocol):
    """Mails links that sign in the owner of an address, and takes them back. Each serves once."""

    def start(self, address: str, page: str) -> None:
        """Begin to mail a link to an address that an account has; do nothing for any other.

        It returns at once, so that neither its answer nor its time tells whose address it is.

        Args:
            address: as somebody typed it.
            page: the web address of the page that the link leads to. The link's secret is put behind it.

        Raises:
            UserError: it is no mail address.

        """
        ...

    async def owner_of(self, seal: str) -> str:
        """Return the address that a link was mailed to. Nothing changes.

        Raises:
            UserError: the link is not ours, has expired, or has served already.

        """
        ...

    async def account_by(self, seal: str) -> int:
        """Return the account of a link's owner. The link is used up.

        Raises:
            UserError: the link is not ours, has expired, or has served already.

        """
        ...
