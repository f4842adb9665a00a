"""Forms of a participant's home."""

from __future__ import annotations

from wtforms import RadioField, TextAreaField
from wtforms.validators import InputRequired, Length

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext
from mentormatch.core.i18n import N_
from mentormatch.services.concerns import KINDS
from mentormatch.services.matches import DECLINE_REASONS, LONGEST_NOTE


def _reasons() -> list[tuple[str, str]]:
    return [(key, gettext(text)) for key, text in DECLINE_REASONS.items()]


def _concerns() -> list[tuple[str, str]]:
    return [(key, gettext(text)) for key, text in KINDS.items()]


class ConcernForm(Form):
    """What feels wrong about a match."""

    kind = RadioField(
        LazyText(N_("What is it about?")), [InputRequired(LazyText(N_("Choose what it is about.")))], choices=_concerns
    )
    note = TextAreaField(LazyText(N_("Anything the career centre should know?")), [Length(max=LONGEST_NOTE)])


class DeclineForm(Form):
    """Why a host declines."""

    reason = RadioField(
        LazyText(N_("What is the reason?")), [InputRequired(LazyText(N_("Choose a reason.")))], choices=_reasons
    )
    note = TextAreaField(LazyText(N_("Anything the career centre should know?")), [Length(max=LONGEST_NOTE)])
