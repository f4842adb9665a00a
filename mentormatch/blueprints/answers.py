"""The form of a profile, made from the table of fields, and the way between it and the stored answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import time
from typing import Any

import wtforms
from babel import Locale
from wtforms import (
    EmailField,
    FieldList,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length, NumberRange, Optional

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.answers import DAY, LONGEST_LINE, MOST_ENTRIES, join_tags, split_tags
from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.fields import fields_for
from mentormatch.core.i18n import N_
from mentormatch.core.roles import HOST_ROLES, Role
from mentormatch.core.zones import zone_names
from mentormatch.queries.participants import Participant
from mentormatch.services.people import MOST_PLACES, NAME_FIELDS, ProfileInput

SPOKEN = ("ja", "en", "zh", "ko", "vi", "id", "th", "ne", "my", "hi", "fr", "de", "es", "pt", "it", "ru", "ar")
WEEKDAYS = (N_("Monday"), N_("Tuesday"), N_("Wednesday"), N_("Thursday"), N_("Friday"), N_("Saturday"), N_("Sunday"))
_CAREER = ("start", "end", "organisation", "position")
_CONTINENTS = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)
_HOUR = 60


def _choose() -> SelectChoice:
    return SelectChoice("", gettext("Choose"))


class Row(Form):
    """One row of a list; a row that is left empty is left out."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was entered."""
        return not any(self.data.values())


class LanguageRow(Row):
    """One language with its level."""

    code = SelectField(LazyText(N_("Language")), validate_choice=False)
    level = SelectField(LazyText(N_("Level")), default="4")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = speech().language
        known = Locale(language).languages
        # A language that only an import knows stays what it is.
        codes = dict.fromkeys((*SPOKEN, *([self.code.data] if self.code.data else [])))
        self.code.choices = [_choose(), *(SelectChoice(code, str(known.get(code, code))) for code in codes)]
        self.level.choices = [
            SelectChoice(str(level), name.to(language)) for level, name in reversed(LANGUAGE_LEVELS.items())
        ]

    @property
    def is_empty(self) -> bool:
        """Whether no language was chosen."""
        return not self.code.data


class HoursRow(Row):
    """One window of free time in a week."""

    day = SelectField(LazyText(N_("Day")), [Optional()])
    start = TimeField(LazyText(N_("From")), [Optional()], format=["%H:%M", "%H:%M:%S"])
    end = TimeField(LazyText(N_("To")), [Optional()], format=["%H:%M", "%H:%M:%S"])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.day.choices = [_choose(), *(SelectChoice(str(day), gettext(name)) for day, name in enumerate(WEEKDAYS))]

    @property
    def is_empty(self) -> bool:
        """Whether neither day nor time was entered; midnight is a time."""
        return not self.day.data and self.start.data is None and self.end.data is None

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for what is missing in a row that was begun."""
        valid = bool(super().validate(extra_validators))
        if not valid or self.is_empty:
            return valid
        for field in (self.day, self.start, self.end):
            if field.data in (None, ""):
                field.errors = [gettext("Choose the day and both times, or leave the row empty")]
                return False
        if _minutes(self.start.data) >= (_minutes(self.end.data) or DAY):
            self.end.errors = [gettext("The end must come after the beginning")]
            return False
        return True


class CareerRow(Row):
    """One station of a career."""

    start = IntegerField(LazyText(N_("From (year)")), [Optional(), NumberRange(1900, 2099)])
    end = IntegerField(LazyText(N_("To (year)")), [Optional(), NumberRange(1900, 2099)])
    organisation = StringField(LazyText(N_("Organisation")), [Length(max=LONGEST_LINE)])
    position = StringField(LazyText(N_("What you did")), [Length(max=LONGEST_LINE)])

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for the first year of a row that was begun."""
        valid = bool(super().validate(extra_validators))
        if not valid or self.is_empty:
            return valid
        if self.start.data is None:
            self.start.errors = [gettext("Enter the year it began")]
        elif self.end.data is not None and self.end.data < self.start.data:
            self.end.errors = [gettext("The end must not come before the beginning")]
        else:
            return True
        return False


ROWS: Mapping[Kind, type[Row]] = {Kind.LANGUAGES: LanguageRow, Kind.HOURS: HoursRow, Kind.CAREER: CareerRow}


class NameForm(Form):
    """Names as people write them, and how to write to them."""

    family_name = StringField(LazyText(N_("Family name")), [Length(max=60)])
    given_name = StringField(LazyText(N_("Given name")), [Length(max=60)])
    family_kana = StringField(LazyText(N_("Family name reading (katakana)")), [Length(max=60)])
    given_kana = StringField(LazyText(N_("Given name reading (katakana)")), [Length(max=60)])
    romaji = StringField(LazyText(N_("Name in Latin letters")), [Length(max=120)])
    preferred_name = StringField(LazyText(N_("Name to be called")), [Length(max=60)])
    language = SelectField(
        LazyText(N_("Language of messages")), choices=[SelectChoice("ja", "日本語"), SelectChoice("en", "English")]
    )

    def person(self) -> dict[str, str]:
        """Return what was entered about the person."""
        keys = (*NAME_FIELDS, "language", "timezone")
        return {key: self[key].data or "" for key in keys if key in self}


def zones(current: str) -> list[SelectChoice]:
    """Return the time zones one can choose: those named after places, and the one in force."""
    named = (zone for zone in zone_names() if zone.partition("/")[0] in _CONTINENTS)
    return [SelectChoice(zone, zone.replace("_", " ")) for zone in sorted({*named, current})]


class ProfileForm(NameForm):
    """The profile of a participant; the fields of the role are added by `profile_form`."""

    seen = HiddenField()
    timezone = SelectField(LazyText(N_("Time zone")))

    def given(self, role: Role) -> ProfileInput:
        """Return what was entered, in the shapes that are stored."""
        return ProfileInput(
            person=self.person(),
            answers={field.key: _read(field, self[field.key]) for field in fields_for(role, Owner.PROFILE)},
            capacity=self.capacity.data if "capacity" in self else None,
            minimum=self.minimum.data if "minimum" in self else None,
            seen=self.seen.data or None,
        )

    def refuse_save(self, error: InvalidInput | Conflict, now_stored: Participant) -> int:
        """Show why the profile was not saved and return the status; a second try after a conflict overwrites."""
        if isinstance(error, InvalidInput):
            self.refuse(error)
        else:
            self.form_errors.append(gettext(error.message, **error.fields))
            self.seen.data = now_stored.seen
        return error.status


def profile_form(participant: Participant, choices: Mapping[str, Any], *, office: bool = False) -> ProfileForm:
    """Return the form of a participant's profile, filled with what is stored or with what was posted.

    Parameters
    ----------
    choices:
        The programme's lists to choose from, by field key.
    office:
        Whether it is the career centre that fills it in, which may also set the least number of interns.
    """
    role = participant.role
    members: dict[str, Any] = {
        field.key: _control(field, choices.get(field.key) or (), participant.profile.get(field.key))
        for field in fields_for(role, Owner.PROFILE)
    }
    if role in HOST_ROLES:
        members["capacity"] = _count(N_("How many interns at most"), MOST_PLACES)
        if office:
            members["minimum"] = _count(N_("How many interns at least"), MOST_PLACES)
    form: ProfileForm = type("RoleForm", (ProfileForm,), members)(data=_filled(participant))
    form.timezone.choices = zones(participant.timezone)
    return form


def _count(label: str, most: int) -> IntegerField:
    return IntegerField(LazyText(label), [Optional(), NumberRange(0, most)])


def _control(field: Field, allowed: Any, current: Any) -> wtforms.Field:
    label = field.label.to(speech().language)
    hint = field.hint.to(speech().language) if field.hint else ""
    if field.kind in ROWS:
        return FieldList(FormField(ROWS[field.kind]), label, description=hint, max_entries=MOST_ENTRIES + 1)
    if field.kind is Kind.CHOICE and allowed:
        names = dict.fromkeys((*allowed, *([current] if current else [])))
        return SelectField(label, choices=[_choose(), *(SelectChoice(name, name) for name in names)], description=hint)
    build = _CONTROLS.get(field.kind, _line)
    return build(label, Length(max=field.max_length), hint)


def _line(label: str, length: Length, hint: str) -> wtforms.Field:
    return StringField(label, [length], description=hint)


def _text(label: str, length: Length, hint: str) -> wtforms.Field:
    return TextAreaField(label, [length], [_one_break], description=hint)


def _one_break(text: str | None) -> str | None:
    """Make one character of each line break: a browser sends two, and people count one."""
    return text and text.replace("\r\n", "\n")


def _tags(label: str, length: Length, hint: str) -> wtforms.Field:
    return TextAreaField(label, [length], [_one_break], description=hint or gettext("Separate several with commas"))


def _email(label: str, length: Length, hint: str) -> wtforms.Field:
    return EmailField(label, [length], description=hint)


def _number(label: str, _length: Length, hint: str) -> wtforms.Field:
    return IntegerField(label, [Optional()], description=hint)


_CONTROLS: Mapping[Kind, Callable[[str, Length, str], wtforms.Field]] = {
    Kind.TEXT: _text,
    Kind.TAGS: _tags,
    Kind.EMAIL: _email,
    Kind.NUMBER: _number,
}


def blank_row(kind: Kind, name: str) -> Row:
    """Return the row that a script copies when one is added: ``__index__`` stands for its number."""
    return ROWS[kind](formdata=None, prefix=f"{name}-__index__-")


def _filled(participant: Participant) -> dict[str, Any]:
    """Return what is stored as the form shows it, with a row to write in where a list is empty."""
    name = participant.name
    shown: dict[str, Any] = dict(
        zip(
            NAME_FIELDS,
            (name.family, name.given, name.family_kana, name.given_kana, name.romaji, name.preferred),
            strict=True,
        )
    )
    for key in ("language", "timezone", "capacity", "minimum", "seen"):
        shown[key] = getattr(participant, key)
    for field in fields_for(participant.role, Owner.PROFILE):
        value = participant.profile.get(field.key)
        if field.kind is Kind.TAGS:
            shown[field.key] = join_tags(value or [], speech().language)
        elif field.kind in ROWS:
            shown[field.key] = [_row(field.kind, row) for row in value or []] or [{}]
        else:
            shown[field.key] = value
    return shown


def _row(kind: Kind, row: Any) -> dict[str, Any]:
    if kind is Kind.LANGUAGES:
        return {"code": row[0], "level": str(row[1])}
    if kind is Kind.HOURS:
        return {"day": str(row[0]), "start": _clock(row[1]), "end": _clock(row[2])}
    return dict(zip(_CAREER, row, strict=True))


def _read(field: Field, control: wtforms.Field) -> Any:
    """Return what was entered in the shape that is stored."""
    if field.kind is Kind.TAGS:
        return split_tags(control.data or "")
    if field.kind not in ROWS:
        return control.data
    rows = (entry.form for entry in control if not entry.form.is_empty)
    if field.kind is Kind.LANGUAGES:
        return [[row.code.data, int(row.level.data or 0)] for row in rows]
    if field.kind is Kind.HOURS:
        # A window that ends at midnight ends at 0:00 of the next day.
        return [[int(row.day.data), _minutes(row.start.data), _minutes(row.end.data) or DAY] for row in rows]
    return [[row[key].data for key in _CAREER] for row in rows]


def _clock(minutes: int) -> time:
    return time(minutes // _HOUR % 24, minutes % _HOUR)


def _minutes(moment: time) -> int:
    return moment.hour * _HOUR + moment.minute
