"""The text of a message: one file for each kind and language, plain fields filled in, no code in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Template

from mentormatch.core.wording import Language

_FOLDER = resources.files("mentormatch.channels") / "letters"


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message. `body` is plain text; a line that is an address alone is a link."""

    subject: str
    body: str


@cache
def _template(kind: str, language: Language) -> tuple[Template, Template]:
    text = (_FOLDER / f"{kind}.{language}.txt").read_text(encoding="utf-8")
    subject, _, body = text.partition("\n\n")
    return Template(subject), Template(body.strip() + "\n")


def compose(kind: str, language: Language, fields: Mapping[str, str]) -> Letter:
    """Fill in the letter of `kind`.

    Raises
    ------
    KeyError
        The letter uses a field that is not given: a letter with a hole in it is never sent.
    """
    subject, body = _template(kind, language)
    # Names come from people: a line break in one must not become a header or a forged paragraph.
    clean = {name: value if name.endswith("_text") else " ".join(value.split()) for name, value in fields.items()}
    return Letter(subject.substitute(clean).strip(), body.substitute(clean))
