"""Every setting, read once from the environment."""

from __future__ import annotations

from email.headerregistry import Address
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from parley.core.allowance import read_rules
from parley.core.limits import DAY

KEY_PATTERN = r"^[A-Za-z0-9_-]{43}=?$"  # base64url of 32 bytes
SMTP_PATTERN = r"^(smtp|smtps|smtp\+starttls)://([^\s/@]+@)?[^\s/?#@]+$"
IMAP_PATTERN = r"^imaps?://[^\s/@]+@[^\s/?#@]+(/[^\s?#]*)?$"
IN_URLS = "; in user and password write @ as %40, : as %3A, / as %2F and % as %25"
MAIL_LOCAL_LENGTH = 20  # what follows the plus takes the rest of the 64 of RFC 5321 4.5.3.1.1
DEFAULT_BASE_URL = "http://127.0.0.1:8000"


class Settings(BaseSettings):
    """`PARLEY_*` of the environment; `docs/configuration.md` explains each."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", frozen=True, extra="ignore", env_ignore_empty=True)

    database: str | None = None
    data_dir: Path = Path("data")
    base_url: str | None = Field(
        default=None,
        pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$",
        description="an address such as https://meet.example.org, with or without a path",
    )
    data_center: str = Field(
        default="us",
        pattern=r"^[a-z0-9][a-z0-9-]{0,30}$",
        description="a name of small letters, digits and dashes, at most 31 of them",
    )
    secret_key: str | None = Field(default=None, pattern=KEY_PATTERN, repr=False, description="base64url of 32 bytes")
    log_level: str = Field(
        default="info", pattern=r"^(debug|info|warning|error)$", description="debug, info, warning or error"
    )
    rate_limit: str = "50/s;500/min"
    outbound_allow: str = Field(
        default="",
        pattern=r"^(\s*([^\s,:/\[\]]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}\s*(,|$))*$",
        description="host:port, several with commas between them, such as hooks.intranet:8080,127.0.0.1:9000",
    )
    smtp_url: str | None = Field(
        default=None,
        pattern=SMTP_PATTERN,
        repr=False,
        description=f"smtp://, smtp+starttls:// or smtps://, then user:password@host:port{IN_URLS}",
    )
    mail_from: str | None = None
    imap_url: str | None = Field(
        default=None,
        pattern=IMAP_PATTERN,
        repr=False,
        description=f"imaps://user:password@host/INBOX{IN_URLS}",
    )
    mail_authserv_id: str | None = Field(
        default=None,
        pattern=r"^[^\s;]+$",
        description="the one word at the beginning of Authentication-Results, such as mx.example.org",
    )
    service_timeout: int = Field(default=600, ge=1, le=7 * DAY, description=f"whole seconds, 1 to {7 * DAY}")
    remind_after: int = Field(default=DAY, ge=0, le=30 * DAY, description=f"whole seconds, 0 to {30 * DAY}")

    @field_validator("rate_limit")
    @classmethod
    def _is_readable(cls, text: str) -> str:
        read_rules(text)
        return text

    @field_validator("smtp_url", "imap_url")
    @classmethod
    def _has_a_port(cls, url: str | None) -> str | None:
        try:
            _ = urlsplit(url or "").port
        except ValueError:  # its words may quote a password that stands where the port should
            raise ValueError("must have a number up to 65535 as port, or none, behind the host") from None
        return url

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, text: str | None) -> str | None:
        address = parseaddr(text or "")[1]
        local, _, domain = address.partition("@")
        fits = 0 < len(local) <= MAIL_LOCAL_LENGTH and "+" not in local and domain and address.isascii()
        if text is not None and not fits:
            raise ValueError(
                f"must be an address such as Parley <parley@example.org>, in ASCII, with at most {MAIL_LOCAL_LENGTH}"
                " characters and no plus before the @: answers come to parley+...@example.org"
            )
        return text

    @property
    def sends_mail(self) -> bool:
        """Whether people can be reached by mail."""
        return self.smtp_url is not None and self.mail_from is not None

    @property
    def receives_mail(self) -> bool:
        """Whether answers by mail are read."""
        return self.imap_url is not None or self.mail_authserv_id is not None

    @property
    def sender(self) -> Address:
        """Who our mail is from; asked for only where `sends_mail`."""
        name, address = parseaddr(self.mail_from or "")
        local, _, domain = address.partition("@")
        return Address(name, local.lower(), domain.lower())

    @property
    def outbound_allowed(self) -> frozenset[str]:
        """What may be called although it is not public: `host:port`, in lower case."""
        return frozenset(one.strip().lower() for one in self.outbound_allow.split(",") if one.strip())


def complaints(refusal: ValidationError) -> list[str]:
    """Which variables cannot be used, and what each must be; their values, which may be secret, are not told."""
    return [
        f"PARLEY_{str(one['loc'][0]).upper()}{_must_be(str(one['loc'][0]), one['msg'])}" for one in refusal.errors()
    ]


def _must_be(name: str, told: str) -> str:
    """A setting's own words; the library's, which tell of patterns, where it has none."""
    meaning = Settings.model_fields[name].description
    own = told.removeprefix("Value error, ")
    return f" {own}" if own != told else f" must be {meaning}" if meaning else f": {told}"
