"""The settings of a programme as a form, and making a new one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from mentormatch.blueprints.answers import zones
from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.i18n import N_
from mentormatch.core.roles import HOST_ROLES, ROLE_LABELS, Role
from mentormatch.core.wording import Bilingual
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services.programmes import LONGEST_NAME, ProgrammeInput

_ENTER_DAY = LazyText(N_("Enter a day"))
_NAME = Length(max=LONGEST_NAME)
_ELSEWHERE = "Asia/Tokyo"


def _tracks() -> list[SelectChoice]:
    return [SelectChoice(role.value, ROLE_LABELS[role].to(speech().language)) for role in HOST_ROLES]


class ProgrammeForm(Form):
    """Names, term, zone, tracks and the list of faculties."""

    name_ja = StringField(LazyText(N_("Name in Japanese")), [_NAME])
    name_en = StringField(LazyText(N_("Name in English")), [_NAME])
    organisation_ja = StringField(LazyText(N_("Organisation in Japanese")), [_NAME])
    organisation_en = StringField(LazyText(N_("Organisation in English")), [_NAME])
    starts_on = DateField(LazyText(N_("First day")), [InputRequired(_ENTER_DAY)])
    ends_on = DateField(LazyText(N_("Last day")), [InputRequired(_ENTER_DAY)])
    timezone = SelectField(LazyText(N_("Time zone")))
    tracks = SelectMultipleField(
        LazyText(N_("Each intern is matched with")),
        choices=_tracks,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    faculties = TextAreaField(LazyText(N_("Faculties")))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timezone.choices = zones(self.timezone.data or _ELSEWHERE)

    @classmethod
    def showing(cls, programme: ProgrammeView) -> ProgrammeForm:
        """Return the form filled with the programme's settings, or with what was posted."""
        return cls(
            data={
                "name_ja": programme.name.ja,
                "name_en": programme.name.en,
                "organisation_ja": programme.organisation.ja,
                "organisation_en": programme.organisation.en,
                "starts_on": programme.starts_on,
                "ends_on": programme.ends_on,
                "timezone": programme.timezone,
                "tracks": [track.value for track in programme.tracks],
                "faculties": "\n".join(programme.choices.get("faculty") or ()),
            }
        )

    def given(self) -> ProgrammeInput:
        """Return what was entered."""
        return ProgrammeInput(
            name=Bilingual(self.name_en.data or "", self.name_ja.data or ""),
            organisation=Bilingual(self.organisation_en.data or "", self.organisation_ja.data or ""),
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
            timezone=self.timezone.data,
            tracks=tuple(Role(track) for track in self.tracks.data),
            faculties=tuple((self.faculties.data or "").splitlines()),
        )


class NewProgrammeForm(ProgrammeForm):
    """A new programme, perhaps with the criteria and rules of another."""

    copy_of = SelectField(LazyText(N_("Criteria and rules")))

    @classmethod
    def offering(cls, programmes: Sequence[ProgrammeView]) -> NewProgrammeForm:
        """Return the form, with the programmes one can copy from."""
        form = cls(data={"timezone": _ELSEWHERE, "tracks": [role.value for role in HOST_ROLES]})
        language = speech().language
        form.copy_of.choices = [
            SelectChoice("", gettext("Start with the defaults")),
            *(
                SelectChoice(str(one.id), gettext("Copy from %(name)s", name=one.name.to(language)))
                for one in programmes
            ),
        ]
        return form
