"""Settings: environment variables with the prefix LOCKBOX_, their defaults and their meaning."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit, urlunsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from records.errors import WrongUse

_PREFIX = "LOCKBOX_"
_MEBIBYTE = 1024 * 1024


def _processors() -> int:
    return os.cpu_count() or 1


class Settings(BaseSettings):
    """Everything an installation may set; units stand last in each name."""

    model_config = SettingsConfigDict(env_prefix=_PREFIX, frozen=True, extra="ignore")

    data_dir: Path = Field(
        default=Path("data"), description="where files, keys and the database live"
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL; SQLite in the data folder if unset"
    )
    redis_url: str | None = Field(
        default=None, description="the doorbell's wire; none means polling"
    )
    host: str = Field(default="127.0.0.1", description="address the web server listens on")
    port: int = Field(default=8017, ge=0, le=65535, description="port the web server listens on")
    trusted_proxy: str = Field(
        default="", description="address of the proxy in front; its forwarded headers are believed"
    )
    workers: int = Field(
        default_factory=_processors, ge=0, le=256, description="worker processes of `serve`"
    )
    log_level: str = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")
    master_key_file: Path = Field(default=Path(), description="master keys; keep a copy elsewhere")
    watch_dir: Path | None = Field(
        default=None, description="scanner drop folder to take files from"
    )
    idle_minutes: int = Field(
        default=20, ge=1, description="minutes until an idle person is logged out"
    )

    lease_seconds: float = Field(default=60.0, gt=0, description="how long a claimed job is held")
    heartbeat_seconds: float = Field(
        default=15.0, gt=0, description="how often a lease is extended"
    )
    poll_seconds: float = Field(
        default=0.5, gt=0, description="how often an idle worker looks for jobs"
    )
    relay_seconds: float = Field(
        default=5.0, gt=0, description="ring again for jobs nobody took so long"
    )
    job_attempts: int = Field(default=5, ge=1, description="attempts before a job is dead")
    backoff_base_seconds: float = Field(
        default=2.0, ge=0, description="first wait; doubles every attempt"
    )
    backoff_limit_seconds: float = Field(
        default=300.0, ge=0, description="longest wait between attempts"
    )
    jobs_per_process: int = Field(
        default=200, ge=1, description="a worker starts afresh after so many"
    )
    worker_memory_bytes: int = Field(
        default=1200 * _MEBIBYTE, gt=0, description="a worker above this starts afresh"
    )

    review_lease_seconds: float = Field(
        default=300.0, gt=0, description="how long a question stays with who has opened it"
    )
    match_auto_threshold: float = Field(
        default=0.995, gt=0, le=1, description="probability above which a match needs no person"
    )
    match_sample_share: float = Field(
        default=0.01, ge=0, le=1, description="share of sure matches a person sees all the same"
    )
    match_target: float = Field(
        default=0.0001, gt=0, lt=1, description="wrong matches allowed before people are asked"
    )
    amount_confidence: float = Field(
        default=0.95, gt=0, le=1, description="an amount read below this goes to review"
    )
    amount_by_balance: bool = Field(
        default=True,
        description="an amount read in doubt may be verified by what the account owes",
    )
    amount_balance_confidence: float = Field(
        default=0.98, gt=0, le=1, description="an amount verified so, below this, goes to review"
    )
    remittance_confidence: float = Field(
        default=0.95, gt=0, le=1, description="an 835's total below this is no payment by itself"
    )
    micr_confidence: float = Field(
        default=0.95,
        gt=0,
        le=1,
        description="a routing or account number below this goes to review",
    )
    check_number_confidence: float = Field(
        default=0.95, gt=0, le=1, description="a check number read below this goes to review"
    )
    payee_confidence: float = Field(
        default=0.0, ge=0, le=1, description="a payee read below this goes to review, whoever it is"
    )
    unsigned_confidence: float = Field(
        default=0.8, gt=0, le=1, description="a check found unsigned this surely goes to review"
    )
    date_confidence: float = Field(
        default=0.5, gt=0, le=1, description="a date below this makes no check stale or postdated"
    )
    mailer_ids: str = Field(
        default="",
        pattern=r"^(\s*([0-8]\d{5}|9\d{8})\s*(,|$))*$",
        description="our Intelligent Mail mailer ids, comma between: more of their barcodes read",
    )
    payer_confidence: float = Field(
        default=0.5, gt=0, le=1, description="a payer's name read below this is not taken over"
    )

    max_upload_bytes: int = Field(
        default=200 * _MEBIBYTE, gt=0, description="largest file received"
    )
    era_bytes: int = Field(
        default=16 * _MEBIBYTE, gt=0, description="largest 835 read; takes 35 times it in memory"
    )
    decode_cpu_seconds: int = Field(
        default=120, gt=0, description="processor time to decode one file"
    )
    decode_wall_seconds: int = Field(default=180, gt=0, description="time to decode one file")
    decode_memory_bytes: int = Field(
        default=1024 * _MEBIBYTE, gt=0, description="address space to decode one file"
    )
    decode_pages: int = Field(default=1000, gt=0, description="most pages taken from one file")
    decode_pixels: int = Field(default=80_000_000, gt=0, description="most pixels of one page")

    @field_validator("data_dir", "watch_dir")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().absolute()

    @field_validator("log_level")
    @classmethod
    def _known_level(cls, value: str) -> str:
        if value.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
            raise ValueError("use DEBUG, INFO, WARNING or ERROR")
        return value.upper()

    @model_validator(mode="after")
    def _fill(self) -> Self:
        """Put what hangs on the data folder in its place; the model is frozen after this."""
        if not self.database_url:
            self.__dict__["database_url"] = f"sqlite:///{self.data_dir / 'lockbox.sqlite'}"
        if self.master_key_file == Path():
            self.__dict__["master_key_file"] = self.data_dir / "keys" / "master.json"
        self.__dict__["master_key_file"] = self.master_key_file.expanduser().absolute()
        if self.heartbeat_seconds * 2 > self.lease_seconds:
            raise ValueError("heartbeat_seconds must be at most half of lease_seconds")
        return self

    @property
    def files_dir(self) -> Path:
        """The content-addressed store's folder."""
        return self.data_dir / "files"

    @property
    def mailers(self) -> tuple[str, ...]:
        """The mailer ids that barcodes on returned mail may bear."""
        return tuple(part.strip() for part in self.mailer_ids.split(",") if part.strip())

    def environment(self) -> dict[str, str]:
        """These settings as environment variables, for the processes we start."""
        values = self.model_dump()
        return {
            _PREFIX + name.upper(): str(value)
            for name, value in values.items()
            if value is not None
        }


@dataclass(frozen=True, slots=True)
class SettingLine:
    """One setting as `lockbox doctor` lists it; passwords inside URLs are masked."""

    variable: str
    value: str
    is_default: bool
    description: str


def load_settings() -> Settings:
    """The settings of this environment; WrongUse ``wrong_setting`` names a value that is wrong."""
    said = tuple(
        (name, value) for name, value in os.environ.items() if name.upper().startswith(_PREFIX)
    )
    return _settings_of(said, Path.cwd())


@lru_cache(maxsize=8)
def _settings_of(said: tuple[tuple[str, str], ...], folder: Path) -> Settings:
    """Settings are asked for at every payment, and taking them from the environment costs 3 ms."""
    del said, folder  # relative folders are taken from where the program stands
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = _PREFIX + "_".join(str(part) for part in first["loc"]).upper()
        raise WrongUse(
            "wrong_setting",
            f"The setting {name.rstrip('_')} is wrong: {first['msg']}.",
            "Correct the environment variable; `lockbox doctor` lists all of them.",
        ) from error


def describe(settings: Settings) -> list[SettingLine]:
    """Every setting with its present value, for `lockbox doctor`."""
    return [
        SettingLine(
            variable=_PREFIX + name.upper(),
            value=_masked(getattr(settings, name)),
            is_default=name not in settings.model_fields_set,
            description=field.description or "",
        )
        for name, field in Settings.model_fields.items()
    ]


def _masked(value: object) -> str:
    text = "" if value is None else str(value)
    if "://" not in text:
        return text
    parts = urlsplit(text)
    if parts.password is None:
        return text
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:***@{host}"))
