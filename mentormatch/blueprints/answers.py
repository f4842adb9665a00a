"""The form of a profile, made from the table of fields, and the way between it and the stored answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import time
from typing import Any

import wtforms
from babel import Locale
from wtforms import EmailField, FieldList, FormField, IntegerField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import InputRequired, Length, Optional

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role

SPOKEN = ("ja", "en", "zh", "ko", "vi", "id", "th", "ne", "my", "hi", "fr", "de", "es", "pt", "it", "ru", "ar")
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_HOUR = 60
_SEPARATORS = re.compile(r"[,，、;；\n]")


def language_names(language: str, *, also: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Return (code, name) of the languages one can choose, named in `language`."""
    known = Locale(language).languages
    return [(code, str(known.get(code, code))) for code in dict.fromkeys((*SPOKEN, *also))]


def _choose() -> list[tuple[str, str]]:
    return [("", gettext("Choose"))]


class LanguageRow(wtforms.Form):
    """One language with its level."""

    code = SelectField(LazyText(N_("Language")), choices=lambda: _choose() + language_names(speech().language))
    level = SelectField(
        LazyText(N_("Level")),
        choices=lambda: [(str(level), name.to(speech().language)) for level, name in reversed(LANGUAGE_LEVELS.items())],
    )


class HoursRow(wtforms.Form):
    """One window of free time in a week."""

    day = SelectField(
        LazyText(N_("Day")),
        choices=lambda: _choose() + [(str(day), gettext(name)) for day, name in enumerate(WEEKDAYS)],
    )
    start = TimeField(LazyText(N_("From")), [Optional()], format=["%H:%M", "%H:%M:%S"])
    end = TimeField(LazyText(N_("To")), [Optional()], format=["%H:%M", "%H:%M:%S"])


class CareerRow(wtforms.Form):
    """One station of a career."""

    start = IntegerField(LazyText(N_("From (year)")), [Optional()])
    end = IntegerField(LazyText(N_("To (year)")), [Optional()])
    organisation = StringField(LazyText(N_("Organisation")), [Length(max=200)])
    position = StringField(LazyText(N_("What you did")), [Length(max=200)])


_ROWS = {Kind.LANGUAGES: LanguageRow, Kind.HOURS: HoursRow, Kind.CAREER: CareerRow}


class NameForm(Form):
    """Names as people write them, and how to write to them."""

    family_name = StringField(LazyText(N_("Family name")), [Length(max=60)])
    given_name = StringField(LazyText(N_("Given name")), [Length(max=60)])
    family_kana = StringField(LazyText(N_("Family name reading (katakana)")), [Length(max=60)])
    given_kana = StringField(LazyText(N_("Given name reading (katakana)")), [Length(max=60)])
    romaji = StringField(LazyText(N_("Name in Latin letters")), [Length(max=120)])
    preferred_name = StringField(LazyText(N_("Name to be called")), [Length(max=60)])
    language = SelectField(
        LazyText(N_("Language of messages")), [InputRequired()], choices=[("ja", "日本語"), ("en", "English")]
    )


def profile_form(role: Role, choices: Mapping[str, Any]) -> type[NameForm]:
    """Return the form class of a profile for `role`, with the programme's lists to choose from."""
    members = {field.key: _control(field, choices.get(field.key) or ()) for field in fields_for(role, Owner.PROFILE)}
    return type("ProfileForm", (NameForm,), members)


def _control(field: Field, allowed: Any) -> wtforms.Field:
    label = field.label.to(speech().language)
    hint = field.hint.to(speech().language) if field.hint else ""
    length = [Length(max=field.max_length)]
    if field.kind in _ROWS:
        return FieldList(FormField(_ROWS[field.kind]), label, description=hint)
    if field.kind is Kind.CHOICE and allowed:
        options = [("", gettext("Choose")), *((name, name) for name in allowed)]
        return SelectField(label, choices=options, description=hint, validate_choice=False)
    if field.kind is Kind.NUMBER:
        return IntegerField(label, [Optional()], description=hint)
    if field.kind is Kind.EMAIL:
        return EmailField(label, length, description=hint)
    if field.kind is Kind.TEXT:
        return TextAreaField(label, length, description=hint)
    if field.kind is Kind.TAGS:
        return StringField(label, length, description=hint or gettext("Separate several with commas"))
    return StringField(label, length, description=hint)


def filled(role: Role, profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the stored answers as the form shows them, with an empty row to write in for each list."""
    shown: dict[str, Any] = {}
    for field in fields_for(role, Owner.PROFILE):
        value = profile.get(field.key)
        if field.kind is Kind.TAGS:
            shown[field.key] = "、".join(value or []) if speech().language == "ja" else ", ".join(value or [])
        elif field.kind in _ROWS:
            shown[field.key] = [*(_row(field.kind, row) for row in value or []), {}]
        else:
            shown[field.key] = value
    return shown


def _row(kind: Kind, row: Any) -> dict[str, Any]:
    if kind is Kind.LANGUAGES:
        return {"code": row[0], "level": str(row[1])}
    if kind is Kind.HOURS:
        return {"day": str(row[0]), "start": _clock(row[1]), "end": _clock(row[2])}
    return dict(zip(("start", "end", "organisation", "position"), row, strict=True))


def _clock(minutes: int) -> Any:
    # A window may end at midnight, which a time input can only say as 23:59.
    shown = min(minutes, 24 * _HOUR - 1)
    return time(shown // _HOUR, shown % _HOUR)


def answers(role: Role, form: NameForm) -> dict[str, Any]:
    """Return what was entered in the shapes that are stored; rows that were left empty are left out."""
    read: dict[str, Any] = {}
    for field in fields_for(role, Owner.PROFILE):
        data = form[field.key].data
        if field.kind is Kind.TAGS:
            read[field.key] = [tag for tag in _SEPARATORS.split(data or "") if tag.strip()]
        elif field.kind is Kind.LANGUAGES:
            read[field.key] = [[row["code"], int(row["level"] or 0)] for row in data if row["code"]]
        elif field.kind is Kind.HOURS:
            rows = (row for row in data if row["day"] and row["start"] and row["end"])
            read[field.key] = [[int(row["day"]), _minutes(row["start"]), _minutes(row["end"])] for row in rows]
        elif field.kind is Kind.CAREER:
            rows = (row for row in data if row["start"])
            read[field.key] = [[row["start"], row["end"], row["organisation"], row["position"]] for row in rows]
        else:
            read[field.key] = data
    return read


def _minutes(moment: time) -> int:
    minutes = moment.hour * _HOUR + moment.minute
    return 24 * _HOUR if minutes == 24 * _HOUR - 1 else minutes
