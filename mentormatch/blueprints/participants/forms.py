"""The form that takes one person into a programme."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mentormatch.blueprints.answers import NameForm
from mentormatch.blueprints.forms import LazyText
from mentormatch.blueprints.request import speech
from mentormatch.core.i18n import N_
from mentormatch.core.roles import PARTICIPANT_ROLES, ROLE_LABELS
from mentormatch.services.people import MOST_PLACES


def _roles() -> list[SelectChoice]:
    return [SelectChoice(role.value, ROLE_LABELS[role].to(speech().language)) for role in PARTICIPANT_ROLES]


class EnrolForm(NameForm):
    """One person: role, address, names, places, and whether an invitation goes out."""

    role = RadioField(
        LazyText(N_("Takes part as")), [InputRequired(LazyText(N_("Choose a role")))], choices=_roles, default="intern"
    )
    email = EmailField(LazyText(N_("Email")), [InputRequired(LazyText(N_("Enter an email address"))), Length(max=254)])
    capacity = IntegerField(
        LazyText(N_("How many interns at most")), [Optional(), NumberRange(0, MOST_PLACES)], default=1
    )
    invite = BooleanField(LazyText(N_("Send an invitation to complete the profile")), default=True)
