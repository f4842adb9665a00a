"""The form that lets somebody help to run a programme."""

from __future__ import annotations

from wtforms import BooleanField, EmailField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from mentormatch.blueprints.answers import NameForm
from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import speech
from mentormatch.core.i18n import N_
from mentormatch.core.roles import ROLE_LABELS, STAFF_ROLES
from mentormatch.queries.programmes import PublishingRules
from mentormatch.services.programmes import LONGEST_DELAY, LONGEST_NOTICE, MOST_FALLS


def _roles() -> list[SelectChoice]:
    return [SelectChoice(role.value, ROLE_LABELS[role].to(speech().language)) for role in STAFF_ROLES]


def _number(label: str, hint: str, low: int, high: int) -> IntegerField:
    return IntegerField(
        LazyText(label),
        [InputRequired(LazyText(N_("Enter a number"))), NumberRange(low, high)],
        description=LazyText(hint),
    )


class PublishingForm(Form):
    """How rounds are published, and what happens to places that are declined."""

    publish_delay = _number(
        N_("Wait before the letters leave"),
        N_("0 to 60 minutes. Until then anybody who may publish can stop it."),
        0,
        LONGEST_DELAY,
    )
    sign_off = BooleanField(
        LazyText(N_("A second person of the office signs off first")),
        description=LazyText(N_("A coordinator or another admin; whoever signs off does not publish.")),
    )
    reminder_days = _number(
        N_("Remind hosts who have not answered"),
        N_("Once, so many days before the answer is due. 0 for never."),
        0,
        LONGEST_NOTICE,
    )
    falls_through = BooleanField(
        LazyText(N_("Pass declined places on automatically")),
        description=LazyText(N_("Otherwise you see a proposal and confirm it.")),
    )
    most_falls = _number(N_("How often for one intern without asking you"), N_("After that you decide."), 1, MOST_FALLS)

    @classmethod
    def showing(cls, found: PublishingRules) -> PublishingForm:
        """Return the form filled with what is stored, or with what was posted."""
        return cls(obj=found)

    def rules(self) -> PublishingRules:
        """Return what was entered."""
        return PublishingRules(
            publish_delay=self.publish_delay.data,
            sign_off=self.sign_off.data,
            reminder_days=self.reminder_days.data,
            falls_through=self.falls_through.data,
            most_falls=self.most_falls.data,
        )


class AppointForm(NameForm):
    """Role, address, and the name of somebody who is new here."""

    role = RadioField(
        LazyText(N_("Helps as")), [InputRequired(LazyText(N_("Choose a role")))], choices=_roles, default="coordinator"
    )
    email = EmailField(LazyText(N_("Email")), [InputRequired(LazyText(N_("Enter an email address"))), Length(max=254)])
