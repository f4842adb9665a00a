"""What leaves as a spreadsheet: the participants of a programme, and the rows of an upload that need mending."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from babel import Locale
from babel.dates import get_day_names
from sqlalchemy import select

from mentormatch.core.answers import join_tags
from mentormatch.core.fields import FIELDS, LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.i18n import Speech
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.core.wording import LANGUAGES, Bilingual, Language
from mentormatch.models import Enrolment, EnrolmentState, Person
from mentormatch.queries import Store, imports
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.sheets.writing import Cell, file_name, write_broken

_DERIVED = frozenset({"full_name", "full_kana"})
_COLUMNS = tuple(field for field in FIELDS if field.key not in _DERIVED)
_STATE = Bilingual("State", "状態")
_STATES: Mapping[EnrolmentState, Bilingual] = {
    EnrolmentState.ACTIVE: Bilingual("active", "参加中"),
    EnrolmentState.PAUSED: Bilingual("paused", "休止中"),
    EnrolmentState.WITHDRAWN: Bilingual("withdrawn", "辞退"),
}
_PORTION = 1_000
_HOUR = 60


def heading(language: Language) -> list[str]:
    """Return the headings of an export of participants, such that an import recognises them."""
    return [*(field.label.to(language) for field in _COLUMNS), _STATE.to(language)]


def participants(
    store: Store, programme_id: int, language: Language, *, role: Role | None = None
) -> Iterator[list[Cell]]:
    """Yield the cells of each participant, interns first, by number and name; an import reads them back."""
    wanted = [Enrolment.programme_id == programme_id]
    if role is not None:
        wanted.append(Enrolment.role == role)
    found = (
        select(Enrolment, Person)
        .join(Person, Person.id == Enrolment.person_id)
        .where(*wanted)
        .order_by(Enrolment.role, Enrolment.number, Person.family_kana, Person.given_kana, Enrolment.id)
        .execution_options(yield_per=_PORTION)
    )
    for enrolment, person in store.execute(found):
        cells = [
            cell(field, _stored(field, enrolment, person), language) if enrolment.role in field.roles else ""
            for field in _COLUMNS
        ]
        yield [*cells, _STATES[enrolment.state].to(language)]


def _stored(field: Field, enrolment: Enrolment, person: Person) -> Any:
    if field.owner is Owner.PROFILE:
        return enrolment.profile.get(field.key)
    return getattr(person if field.owner is Owner.PERSON else enrolment, field.key)


def cell(field: Field, value: Any, language: Language) -> Cell:
    """Return a stored value as an import understands it."""
    if value is None or value in ("", []):
        return ""
    if write := _WRITTEN.get(field.key) or _WRITTEN.get(field.kind):
        return write(value, language)
    return value if isinstance(value, int) else str(value)


def broken(store: Store, programme: ProgrammeView, upload_id: int, language: Language) -> tuple[str, bytes]:
    """Return the rows of a draft that need mending, as a workbook that can be sent back, and its name."""
    found = imports.draft(store, programme.id, upload_id)
    examined = imports.examine(store, programme, found)
    content = write_broken(examined.sheet, examined.checked, Speech(language).gettext)
    return to_fix_name(found.filename, language), content


def to_fix_name(filename: str, language: Language) -> str:
    """Return what the workbook of the rows that need mending is called; what is called so already stays so."""
    stem = filename.rpartition(".")[0]
    for spoken in map(Speech, LANGUAGES):
        stem = stem.removesuffix(spoken.gettext("%(name)s (to fix)", name=""))
    return file_name(Speech(language).gettext("%(name)s (to fix)", name=stem), "xlsx")


def _role(value: Role, language: Language) -> str:
    return ROLE_LABELS[value].to(language)


def _message_language(value: str, _language: Language) -> str:
    return {"ja": "日本語", "en": "English"}.get(value, value)


def _languages(value: list[list[Any]], language: Language) -> str:
    names, brackets = Locale(language).languages, "（{}）" if language == "ja" else " ({})"
    return join_tags(
        (names.get(code, code) + brackets.format(LANGUAGE_LEVELS[level].to(language)) for code, level in value),
        language,
    )


def _hours(value: list[list[int]], language: Language) -> str:
    days, space = get_day_names("abbreviated", locale=language), "" if language == "ja" else " "
    return join_tags((f"{days[day]}{space}{_clock(start)}-{_clock(end)}" for day, start, end in value), language)


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR}:{minutes % _HOUR:02}"


def _career(value: list[list[Any]], language: Language) -> str:
    comma = "、" if language == "ja" else ", "
    return "\n".join(
        f"{start}-{end or ''} {comma.join(part for part in (organisation, position) if part)}"
        for start, end, organisation, position in value
    )


_WRITTEN: Mapping[str, Callable[[Any, Language], str]] = {
    "role": _role,
    "language": _message_language,
    Kind.TAGS: join_tags,
    Kind.LANGUAGES: _languages,
    Kind.HOURS: _hours,
    Kind.CAREER: _career,
}
