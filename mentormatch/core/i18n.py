"""Translations: gettext catalogues read from the .po files themselves, one file for each area of the site."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from io import BytesIO
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

from mentormatch.core.wording import Language

FOLDER = resources.files("mentormatch") / "translations"
_DAY = {"ja": "y年M月d日（E）", "en": "EEEE d MMMM y"}
_SHORT_DAY = {"ja": "M月d日（E）", "en": "EEE d MMM"}


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it
    """Mark `text` for translation where it is written but not yet shown."""
    return text


def catalogues(language: Language) -> Iterator[Catalog]:
    """Yield each area's catalogue of `language`, in the order of the file names."""
    for part in sorted((FOLDER / language).iterdir(), key=lambda item: item.name):
        if part.name.endswith(".po"):
            yield read_po(BytesIO(part.read_bytes()), locale=language)


@cache
def _translations(language: Language) -> NullTranslations:
    if language == "en":  # English is the language of the keys
        return NullTranslations()
    whole = Catalog(locale=language)
    for part in catalogues(language):
        for message in part:
            if message.id:
                whole[message.id] = message
    compiled = BytesIO()
    write_mo(compiled, whole)
    compiled.seek(0)
    return Translations(compiled)


@dataclass(frozen=True, slots=True)
class Speech:
    """How to speak to one person: language and time zone.

    `gettext` and `ngettext` take English keys with ``%(name)s`` fields; fields are filled only when there are any.
    """

    language: Language
    timezone: str = "Asia/Tokyo"

    def gettext(self, text: str, **fields: object) -> str:
        """Return the translation of `text`, with its fields filled in."""
        found: str = _translations(self.language).gettext(text)
        return found % fields if fields else found

    def ngettext(self, singular: str, plural: str, number: int, **fields: object) -> str:
        """Return the form for `number`, which is also the field ``%(num)s``."""
        found: str = _translations(self.language).ngettext(singular, plural, number)
        return found % {"num": number, **fields}

    def day(self, moment: datetime | date) -> str:
        """Return a full date: 2026年11月27日（金） or Friday 27 November 2026."""
        return format_date(self._local(moment), _DAY[self.language], locale=self._locale)

    def short_day(self, moment: datetime | date) -> str:
        """Return a short date: 11月27日（金） or Fri 27 Nov."""
        return format_date(self._local(moment), _SHORT_DAY[self.language], locale=self._locale)

    def time(self, moment: datetime) -> str:
        """Return the 24-hour clock time in the person's zone."""
        return format_time(moment, "HH:mm", tzinfo=ZoneInfo(self.timezone), locale=self._locale)

    def moment(self, moment: datetime) -> str:
        """Return date and time in the person's zone."""
        return f"{self.short_day(moment)} {self.time(moment)}"

    def stamp(self, moment: datetime) -> str:
        """Return a sortable date and time in the person's zone: 2026-11-27 18:30."""
        return format_datetime(moment, "yyyy-MM-dd HH:mm", tzinfo=ZoneInfo(self.timezone), locale=self._locale)

    def _local(self, moment: datetime | date) -> date:
        return moment.astimezone(ZoneInfo(self.timezone)).date() if isinstance(moment, datetime) else moment

    @property
    def _locale(self) -> Locale:
        return Locale(self.language)


Gettext = Callable[..., str]
