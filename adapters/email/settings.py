"""The settings of mail."""

from enum import StrEnum

from pydantic import BaseModel, Field, SecretStr


class Security(StrEnum):
    """How the connection to the mail server is kept secret."""

    STARTTLS = "starttls"
    TLS = "tls"
    """From the first byte, as on port 465."""
    NONE = "none"


class EmailSettings(BaseModel):
    """Mail's part of the program's settings. A variable is named `PAPERCLUB_` and the field in capitals."""

    smtp_host: str = Field(default="", description="The server that takes the bot's mails. Empty: no mails.")
    smtp_port: int = Field(
        default=0, ge=0, le=65535, description="Its port. 0: 587 with STARTTLS, 465 with TLS, else 25."
    )
    smtp_user: str = Field(default="", description="The name to log in with there. Empty: no login.")
    smtp_password: SecretStr = Field(default=SecretStr(""), description="The password of that name.")
    smtp_security: Security = Field(
        default=Security.STARTTLS, description="`starttls`, `tls`, or `none` for a server on this computer."
    )
    smtp_ca_file: str = Field(
        default="",
        description="A file with the certificates to trust, where the server's own is not a public one.",
    )
    mail_from: str = Field(
        default="",
        description="The sender of the bot's mails, such as `Paperclub <papers@example.org>`.",
    )
    mail_bounces: str = Field(
        default="",
        description="The address to which mail servers return what they cannot deliver. A `+` and the "
        "mailbox's name are put before its `@`. Empty: the sender's.",
    )
    public_url: str = Field(default="", description="As the program's.")
    secret_key: SecretStr = Field(default=SecretStr(""), description="As the program's.")
