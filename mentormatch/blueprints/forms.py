"""What all forms have in common: the visitor's language, and the CSRF check that the guard makes for every request."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms.i18n import get_translations

from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.errors import InvalidInput


class LazyText:
    """A text of a form class, translated when it is shown."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return gettext(self.text)

    def __html__(self) -> str:
        return str(self)


class _Translations:
    """Ours first, then the ones that WTForms brings along."""

    def __init__(self) -> None:
        self.theirs = get_translations([speech().language])

    def gettext(self, text: str) -> str:
        ours = gettext(text)
        return ours if ours != text else str(self.theirs.gettext(text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        return str(self.theirs.ngettext(singular, plural, number))


class Form(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Base of every form."""

    class Meta:
        csrf = False  # blueprints.guard.check_csrf looks at every state-changing request

        def get_translations(self, form: FlaskForm) -> Any:  # noqa: ARG002 - WTForms' interface
            return _Translations()

    def refuse(self, error: InvalidInput) -> None:
        """Show a service's refusal at the field it names, or above the form."""
        text = gettext(error.message, **error.fields)
        if error.field and error.field in self._fields:
            self._fields[error.field].errors = [*self._fields[error.field].errors, text]
        else:
            self.form_errors.append(text)
