"""
Settings, from the environment or a file named .env. What is malformed or a placeholder is refused by name.
"""

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, HttpUrl, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.rules.schedule import WIDEST_WINDOW
from bot.study import Study
from db.base.engine import EXPECTED, asynchronous
from db.follow_up.due import Timing

_STUDY, _TIMING = Study(), Timing()
_TELEGRAM = HttpUrl("https://api.telegram.org")

_TOKEN = re.compile(r"\d{6,}:[A-Za-z0-9_-]{30,}", re.ASCII)

_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}", re.ASCII)


class SettingsError(Exception):
    """
    Settings with which the program cannot start. `str()` names each, and never shows its value.
    """


def _database(url: SecretStr) -> SecretStr:
    try:
        parsed = asynchronous(url.get_secret_value())
    except ValueError:
        raise ValueError(EXPECTED) from None
    if parsed.drivername.startswith("sqlite") and parsed.database in {None, "", ":memory:"}:
        raise ValueError(f"a database in memory is gone with the program; {EXPECTED}")
    if parsed.host == "host" or parsed.password in {"password", "changeme"}:
        raise ValueError(f"still the example; {EXPECTED}")
    return url


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("expected a time zone such as Europe/Paris") from None
    return name


def _token(token: SecretStr | None) -> SecretStr | None:
    if token is not None and not _TOKEN.fullmatch(token.get_secret_value()):
        raise ValueError("expected a token as BotFather gives it, such as 123456789:AA...")
    return token


def _secret(secret: SecretStr | None) -> SecretStr | None:
    if secret is not None and not _WEBHOOK_SECRET.fullmatch(secret.get_secret_value()):
        raise ValueError("expected 32 to 256 letters, digits, - and _, at random")
    return secret


class Settings(BaseSettings):
    """
    Every setting with its default; `.env.example` explains them.
    """

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True)

    bot_token: Annotated[SecretStr | None, AfterValidator(_token)] = None
    bot_api_url: HttpUrl = _TELEGRAM
    bot_mode: Literal["polling", "webhook"] = "polling"
    webhook_url: HttpUrl | None = None
    webhook_secret: Annotated[SecretStr | None, AfterValidator(_secret)] = None
    webhook_host: str = "127.0.0.1"
    webhook_port: int = Field(default=8080, ge=0, le=65535)
    takeover_seconds: float = Field(default=15.0, ge=1.0, le=25.0)
    watch_host: str = "127.0.0.1"
    watch_port: int | None = Field(default=None, ge=0, le=65535)
    database_url: Annotated[SecretStr, AfterValidator(_database)] = SecretStr("sqlite:///var/screening.db")
    audit_key_file: Path = Path("var/audit.key")
    audit_anchor_file: Path | None = None
    encryption_key_file: Path | None = None
    encryption_keys: SecretStr | None = None
    site_name: str = Field(default="Site 01", min_length=1, max_length=60)
    site_time_zone: Annotated[str, AfterValidator(_zone)] = "Europe/Paris"
    target_recipients: int = Field(default=_STUDY.recipients, ge=1, le=10000)
    target_donors: int = Field(default=_STUDY.donors, ge=1, le=10000)
    inclusion_starts: date = _STUDY.starts
    inclusion_months: int = Field(default=_STUDY.months, ge=1, le=1200)
    follow_up_window_days: int = Field(default=_STUDY.window, ge=0, le=WIDEST_WINDOW)
    remind_awaited_days: int = Field(default=_TIMING.awaited, ge=0, le=365)
    remind_untouched_days: int = Field(default=_TIMING.untouched, ge=1, le=365)
    remind_baseline_days: int = Field(default=_TIMING.baseline, ge=1, le=365)
    log_level: str = Field(default="INFO", pattern="^(DEBUG|INFO|WARNING|ERROR)$")

    @model_validator(mode="after")
    def _webhook_is_whole(self) -> Self:
        if self.bot_mode == "webhook" and not (self.webhook_url and self.webhook_secret):
            raise ValueError("BOT_MODE=webhook needs WEBHOOK_URL and WEBHOOK_SECRET")
        if self.webhook_url and self.webhook_url.scheme != "https" and self.bot_api_url == _TELEGRAM:
            raise ValueError("WEBHOOK_URL: expected an address that begins with https://, as Telegram demands")
        return self

    @property
    def secrets(self) -> frozenset[str]:
        """
        Every secret among the settings, in each form in which it may stand in a text.
        """
        held = {value.get_secret_value() for _, value in self if isinstance(value, SecretStr)}
        password = asynchronous(self.database_url.get_secret_value()).password
        return frozenset(held | ({password, quote(password, safe="")} if password else set()))

    @property
    def study(self) -> Study:
        """
        The study's targets, inclusion period and visit windows.
        """
        return Study(
            self.target_recipients,
            self.target_donors,
            self.inclusion_starts,
            self.inclusion_months,
            self.follow_up_window_days,
        )

    @property
    def timing(self) -> Timing:
        """
        When people are reminded.
        """
        return Timing(self.remind_awaited_days, self.remind_untouched_days, self.remind_baseline_days)


def load() -> Settings:
    """
    Read the settings. Raises SettingsError.
    """
    try:
        return Settings()
    except ValidationError as error:
        problems = [
            ": ".join(
                filter(None, (".".join(map(str, problem["loc"])).upper(), problem["msg"].removeprefix("Value error, ")))
            )
            for problem in error.errors(include_input=False)
        ]
        raise SettingsError("\n".join(problems)) from None
    except UnicodeDecodeError:
        raise SettingsError(".env: expected UTF-8 text") from None
