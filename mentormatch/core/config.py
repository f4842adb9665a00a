"""The configuration: one frozen object, built from `MENTORMATCH_*` variables or keyword arguments."""

from __future__ import annotations

import difflib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from urllib.parse import urlsplit

from mentormatch.core.errors import ConfigurationError
from mentormatch.core.wording import LANGUAGES, Language

PREFIX = "MENTORMATCH_"
_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one installation.

    Attributes
    ----------
    base_url:
        Public address of the site, without a slash at the end. Links in messages use it and never a request's Host.
    database_url:
        SQLAlchemy address; empty means SQLite in `instance_dir`.
    secret_key:
        Signs cookies; empty means the file `secret_key` in `instance_dir`, made at first use with mode 0600.
    smtp_url:
        ``smtp://user:password@host:587`` (STARTTLS when offered) or ``smtps://…``; empty keeps messages in
        `mailbox_dir`.
    mail_from:
        Address in the From header.
    mailbox_dir:
        Where messages are kept as .eml files without SMTP; empty means ``mailbox`` in `instance_dir`.
    mailbox_page:
        Whether the site shows that mailbox to everybody. For a demo on one's own machine only.
    component_page:
        Whether the page of user-interface components is served, for developers.
    language:
        Language of a visitor whose own is not known.
    embedded_worker:
        Whether the web process works off jobs and messages itself.
    sign_in_links:
        Whether links in letters sign the reader in. False where a host site has its own sign-in.
    upload_limit:
        Largest upload in bytes.
    """

    instance_dir: Path = field(default_factory=lambda: Path.cwd() / "instance")
    base_url: str = "http://127.0.0.1:8000"
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    smtp_url: str = field(default="", repr=False)
    mail_from: str = "MentorMatch <no-reply@localhost>"
    mailbox_dir: Path | None = None
    mailbox_page: bool = False
    component_page: bool = False
    language: Language = "ja"
    embedded_worker: bool = True
    sign_in_links: bool = True
    upload_limit: int = 32 * 1024 * 1024

    @classmethod
    def from_mapping(cls, values: Mapping[str, str]) -> Config:
        """Read the `MENTORMATCH_*` names of `values`, usually ``os.environ``.

        Raises
        ------
        ConfigurationError
            On an unknown name (the nearest known one is named) or a value of the wrong shape.
        """
        known = {item.name: item for item in fields(cls)}
        read: dict[str, object] = {}
        for name in sorted(values):
            if not name.startswith(PREFIX) or name == f"{PREFIX}TEST_DATABASE_URL":
                continue
            key = name.removeprefix(PREFIX).lower()
            if key not in known:
                raise ConfigurationError(
                    "Unknown setting %(name)s. The nearest known one is %(nearest)s.",
                    name=name,
                    nearest=PREFIX + difflib.get_close_matches(key, known, n=1, cutoff=0.0)[0].upper(),
                )
            read[key] = _parse(name, str(known[key].type), values[name])
        return cls(**read)  # type: ignore[arg-type]  # _parse gives each its declared type

    def __post_init__(self) -> None:
        url = urlsplit(self.base_url)
        if url.scheme not in {"http", "https"} or not url.netloc or self.base_url.endswith("/"):
            raise ConfigurationError(
                "MENTORMATCH_BASE_URL: expected http(s)://host without a slash at the end, found %(found)s.",
                found=self.base_url,
            )
        if self.language not in LANGUAGES:
            raise ConfigurationError("MENTORMATCH_LANGUAGE: expected ja or en, found %(found)s.", found=self.language)

    @property
    def database(self) -> str:
        """The SQLAlchemy address in force."""
        return self.database_url or f"sqlite:///{self.instance_dir.resolve() / 'mentormatch.db'}"

    @property
    def mailbox(self) -> Path:
        """The folder in which messages are kept without SMTP."""
        return self.mailbox_dir or self.instance_dir / "mailbox"

    @property
    def secure(self) -> bool:
        """Whether the site is reached over TLS, so that cookies may say so."""
        return self.base_url.startswith("https://")

    def secret(self) -> str:
        """Return the secret key, making the embedded one at first use."""
        if self.secret_key:
            return self.secret_key
        path = self.instance_dir / "secret_key"
        if not path.exists():
            self.instance_dir.mkdir(parents=True, exist_ok=True)
            new = self.instance_dir / f"secret_key.{secrets.token_hex(8)}"
            new.touch(mode=0o600)
            new.write_text(secrets.token_urlsafe(48), encoding="ascii")
            # A link appears whole or not at all: web and worker may start together, and the first one wins.
            with suppress(FileExistsError):
                path.hardlink_to(new)
            new.unlink()
        return path.read_text(encoding="ascii")


def _parse(name: str, kind: str, text: str) -> object:
    if kind.startswith("Path"):
        return Path(text)
    if kind == "bool":
        if (word := text.strip().lower()) not in _TRUE | _FALSE:
            raise ConfigurationError("%(name)s: expected true or false, found %(found)s.", name=name, found=text)
        return word in _TRUE
    if kind == "int":
        if not text.strip().isdecimal():
            raise ConfigurationError("%(name)s: expected a whole number, found %(found)s.", name=name, found=text)
        return int(text)
    return text
