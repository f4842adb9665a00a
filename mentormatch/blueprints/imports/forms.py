"""Forms of the import: the file, and which rows it holds."""

from __future__ import annotations

from flask_wtf.file import FileField, FileRequired
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role

ROLES = (
    (Role.INTERN.value, N_("Interns")),
    (Role.MENTOR.value, N_("Mentors")),
    (Role.ALUMNUS.value, N_("Alumni (OB・OG)")),
    ("", N_("As the sheet says")),
)
"""Whom the rows are about that do not say it themselves."""


def roles() -> list[tuple[str, str]]:
    """Return the choices for the rows that name no role, in the visitor's language."""
    return [(value, gettext(text)) for value, text in ROLES]


class UploadForm(Form):
    """Step 1."""

    file = FileField(LazyText(N_("Spreadsheet")), [FileRequired(LazyText(N_("Choose a file")))])
    role = RadioField(
        LazyText(N_("Who are the people in it?")),
        choices=lambda: [SelectChoice(value, text) for value, text in roles()],
        default=Role.INTERN.value,
    )
