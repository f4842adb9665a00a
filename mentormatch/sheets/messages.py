"""Texts that the sheets emit: English gettext keys with their fields, translated by whoever shows them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

Translate = Callable[[str], str]
"""Takes an English gettext key, returns the text of the reader's language."""


@dataclass(frozen=True, slots=True)
class Message:
    """An English gettext key and the values of its ``%(name)s`` fields."""

    text: str
    fields: Mapping[str, object] = field(default_factory=dict)

    def to(self, translate: Translate) -> str:
        """Return the text in the language of `translate`, its fields filled in; a field may be a message itself."""
        text = translate(self.text)
        if not self.fields:
            return text
        return text % {
            name: value.to(translate) if isinstance(value, Message) else value for name, value in self.fields.items()
        }

    def __str__(self) -> str:
        return self.to(lambda text: text)
