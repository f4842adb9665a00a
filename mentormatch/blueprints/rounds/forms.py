"""Forms of a round."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, DateTimeLocalField, HiddenField, IntegerField, RadioField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext
from mentormatch.core.i18n import N_
from mentormatch.queries.rounds import RoundView
from mentormatch.services.endings import REASONS, Ending
from mentormatch.services.matches import LONGEST_NOTE
from mentormatch.services.rounds import LARGEST_LOAD, LONGEST_ANSWER, Dates

_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""What a browser sends for a date with time; the first is also what it is shown."""
DATES = ("opens_at", "matching_at", "publish_at", "closes_at")


def _date(label: str, hint: str) -> Any:
    return DateTimeLocalField(LazyText(label), [Optional()], format=_FORMATS, description=LazyText(hint))


class SettingsForm(Form):
    """When a round takes its steps. Times are those of the programme's zone."""

    opens_at = _date(N_("Profiles open"), N_("From now on people fill in their profiles."))
    matching_at = _date(N_("Matching"), N_("Profiles should be complete by now."))
    publish_at = _date(N_("Publication"), N_("Everybody hears whom they got."))
    closes_at = _date(N_("End of the round"), N_("Answers are in; what is left goes into the next round."))
    answer_days = IntegerField(
        LazyText(N_("Time to answer")),
        [InputRequired(), NumberRange(1, LONGEST_ANSWER)],
        description=LazyText(N_("How many days mentors and alumni have to accept or decline after publication.")),
    )
    most_interns = IntegerField(
        LazyText(N_("Most interns for one host")),
        [Optional(), NumberRange(1, LARGEST_LOAD)],
        description=LazyText(N_("In this round; leave it empty to use all places. Fewer spread the load.")),
    )
    rev = HiddenField(validators=[InputRequired()])

    @classmethod
    def showing(cls, found: RoundView, zone: str) -> SettingsForm:
        """Return the form filled with what is stored."""
        local = {name: _local(getattr(found, name), zone) for name in DATES}
        numbers = {name: getattr(found, name) for name in ("answer_days", "most_interns", "rev")}
        return cls(formdata=None, data={**local, **numbers})

    def dates(self, zone: str) -> Dates:
        """Return the dates that were entered, aware."""
        return Dates(*(_aware(self._fields[name].data, zone) for name in DATES))


def _end_reasons() -> list[tuple[str, str]]:
    return [(key, gettext(text)) for key, text in REASONS.items()]


class EndForm(Form):
    """How a match ends; `stamp` says which preview was looked at."""

    reason = RadioField(
        LazyText(N_("Why does it end?")), [InputRequired(LazyText(N_("Choose a reason.")))], choices=_end_reasons
    )
    seeks = BooleanField(LazyText(N_("Find somebody else for the intern")), default=True)
    offers = BooleanField(
        LazyText(N_("Offer the host's place to others")),
        default=True,
        description=LazyText(N_("Leave this out when the host has no time, or does not answer.")),
    )
    never = BooleanField(
        LazyText(N_("Never these two again")), description=LazyText(N_("This binds later rounds, too."))
    )
    note = TextAreaField(LazyText(N_("Note for the office")), [Length(max=LONGEST_NOTE)])
    stamp = HiddenField()

    def how(self) -> Ending:
        """Return what was chosen."""
        return Ending(
            reason=self.reason.data,
            note=self.note.data or "",
            never=self.never.data,
            seeks=self.seeks.data,
            offers=self.offers.data,
        )


def _local(moment: datetime | None, zone: str) -> datetime | None:
    return None if moment is None else moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _aware(moment: datetime | None, zone: str) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=ZoneInfo(zone))
