"""Reading the folder in which an installation without SMTP keeps its mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class KeptMail:
    """One kept message."""

    key: str
    to: str
    sender: str
    subject: str
    at: datetime
    language: str
    body: str


def kept(folder: Path, limit: int = 200) -> list[KeptMail]:
    """Return the newest messages of the folder, newest first; a missing folder is empty."""
    if not folder.is_dir():
        return []
    newest = sorted(folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name), reverse=True)
    return [_read(path) for path in newest[:limit]]


def one(folder: Path, key: str) -> KeptMail | None:
    """Return the message with this key, or None; a key is a file's name without its ending, never a path."""
    return next((mail for mail in kept(folder, limit=10_000) if mail.key == key), None)


def _read(path: Path) -> KeptMail:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)
    text = message.get_body(("plain",))
    return KeptMail(
        key=path.stem,
        to=str(message["To"]),
        sender=str(message["From"]),
        subject=str(message["Subject"]),
        at=parsedate_to_datetime(str(message["Date"])),
        language=str(message["Content-Language"] or "en"),
        body=text.get_content().replace("\r\n", "\n") if text else "",
    )
