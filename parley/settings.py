"""Every setting, read once from the environment."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from parley.core.allowance import read_rules

KEY_PATTERN = r"^[A-Za-z0-9_-]{43}=?$"  # base64url of 32 bytes
DEFAULT_BASE_URL = "http://127.0.0.1:8000"


class Settings(BaseSettings):
    """`PARLEY_*` of the environment; `docs/configuration.md` explains each."""

    model_config = SettingsConfigDict(env_prefix="PARLEY_", frozen=True, extra="ignore", env_ignore_empty=True)

    database: str | None = None
    data_dir: Path = Path("data")
    base_url: str | None = Field(default=None, pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")
    data_center: str = Field(default="us", pattern=r"^[a-z0-9][a-z0-9-]{0,30}$")
    secret_key: str | None = Field(default=None, pattern=KEY_PATTERN, repr=False)
    log_level: str = Field(default="info", pattern=r"^(debug|info|warning|error)$")
    rate_limit: str = "50/s;500/min"

    @field_validator("rate_limit")
    @classmethod
    def _is_readable(cls, text: str) -> str:
        read_rules(text)
        return text
