"""The form that lets somebody help to run a programme."""

from __future__ import annotations

from wtforms import EmailField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from mentormatch.blueprints.answers import NameForm
from mentormatch.blueprints.forms import LazyText
from mentormatch.blueprints.request import speech
from mentormatch.core.i18n import N_
from mentormatch.core.roles import ROLE_LABELS, STAFF_ROLES


def _roles() -> list[SelectChoice]:
    return [SelectChoice(role.value, ROLE_LABELS[role].to(speech().language)) for role in STAFF_ROLES]


class AppointForm(NameForm):
    """Role, address, and the name of somebody who is new here."""

    role = RadioField(
        LazyText(N_("Helps as")), [InputRequired(LazyText(N_("Choose a role")))], choices=_roles, default="coordinator"
    )
    email = EmailField(LazyText(N_("Email")), [InputRequired(LazyText(N_("Enter an email address"))), Length(max=254)])
