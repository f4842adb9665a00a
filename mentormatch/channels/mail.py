"""Mail: a letter as an RFC 5322 message, sent over SMTP or kept in a folder."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from mentormatch.channels.letter import Letter
from mentormatch.core.config import Config

TIMEOUT = 30.0
_PERMANENT = range(500, 600)


class Undeliverable(Exception):
    """The other side refused for good (5xx): trying again would not help."""


class TryLater(Exception):
    """The other side did not answer, or asked to come back (4xx)."""


class Way(Protocol):
    """A way out of the house."""

    def send(self, message: EmailMessage) -> None:
        """Hand the message over, or raise `Undeliverable` or `TryLater`."""


def build(
    letter: Letter, *, sender: str, to: str, name: str, mail_id: str, language: str, at: datetime
) -> EmailMessage:
    """Return the message of a letter: text, and the same text as simple HTML.

    Parameters
    ----------
    mail_id:
        The Message-ID, the same whenever this letter is sent again.
    at:
        The moment of sending, aware.
    """
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = mail_id
    message["Date"] = format_datetime(at)
    message["From"] = _address(*parseaddr(sender))
    message["To"] = _address(name, to)
    message["Subject"] = letter.subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body, cte="base64" if not letter.body.isascii() else None)
    message.add_alternative(_html(letter.body, language), subtype="html", cte="base64")
    message["Content-Language"] = language  # last: setting the content clears Content-* headers
    return message


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(" ".join(name.split()), local, domain)


def _html(body: str, language: str) -> str:
    paragraphs = []
    for block in body.strip().split("\n\n"):
        lines = [
            f'<a href="{escape(line)}">{escape(line)}</a>' if line.startswith(("http://", "https://")) else escape(line)
            for line in block.split("\n")
        ]
        paragraphs.append(f"<p>{'<br>'.join(lines)}</p>")
    style = "max-width:38em;font:16px/1.7 sans-serif;color:#151922"
    return f'<!doctype html><html lang="{language}"><body style="{style}">{"".join(paragraphs)}</body></html>'


@dataclass(frozen=True, slots=True)
class SmtpWay:
    """An SMTP server: ``smtp://`` (STARTTLS when the server offers it) or ``smtps://``."""

    url: str

    def send(self, message: EmailMessage) -> None:
        """Deliver over SMTP; see `Way`."""
        reader = message["To"].addresses[0].addr_spec
        if parseaddr(reader)[1] != reader:  # a comma in it would make two readers, or another one, of it
            raise Undeliverable("this is not one address")
        try:
            with self._connect() as server:
                server.send_message(message, to_addrs=[reader])
        except smtplib.SMTPRecipientsRefused as refused:
            code, text = next(iter(refused.recipients.values()))
            raise _failure(code)(f"{code} {text!r}") from refused
        except smtplib.SMTPResponseException as answer:
            raise _failure(answer.smtp_code)(f"{answer.smtp_code} {answer.smtp_error!r}") from answer
        except (smtplib.SMTPException, OSError) as broken:
            raise TryLater(str(broken) or type(broken).__name__) from broken

    def _connect(self) -> smtplib.SMTP:
        parts = urlsplit(self.url)
        host, context = parts.hostname or "localhost", ssl.create_default_context()
        server: smtplib.SMTP
        if parts.scheme == "smtps":
            server = smtplib.SMTP_SSL(host, parts.port or 465, timeout=TIMEOUT, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=TIMEOUT)
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        return server


def _failure(code: int) -> Callable[[str], Exception]:
    return Undeliverable if code in _PERMANENT else TryLater


@dataclass(frozen=True, slots=True)
class FolderWay:
    """A folder of .eml files, for an installation without SMTP. The same Message-ID overwrites its own file."""

    folder: Path

    def send(self, message: EmailMessage) -> None:
        """Keep the message; see `Way`."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "".join(
            letter if letter.isalnum() or letter in "-." else "_" for letter in message["Message-ID"].strip("<>")
        )
        path = self.folder / f"{name}.eml"
        new = path.with_suffix(".part")
        new.write_bytes(message.as_bytes())
        new.replace(path)


def way_out(config: Config) -> Way:
    """Return how this installation sends mail."""
    return SmtpWay(config.smtp_url) if config.smtp_url else FolderWay(config.mailbox)
