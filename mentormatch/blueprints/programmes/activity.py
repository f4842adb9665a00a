"""The audit trail in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.i18n import N_
from mentormatch.core.names import Name
from mentormatch.queries.trail import Event

_WORDS: Mapping[str, str] = {
    "profile.saved": N_("%(who)s changed the profile of %(about)s"),
    "person.enrolled": N_("%(who)s added %(about)s"),
    "person.invited": N_("%(who)s sent an invitation to %(about)s"),
    "enrolment.active": N_("%(who)s let %(about)s take part again"),
    "enrolment.paused": N_("%(who)s paused %(about)s"),
    "enrolment.withdrawn": N_("%(who)s withdrew %(about)s"),
    "participants.exported": N_("%(who)s exported the participants"),
    "ledger.exported": N_("%(who)s exported the ledger"),
    "sheet.uploaded": N_("%(who)s uploaded a list"),
    "sheet.imported": N_("%(who)s imported a list"),
    "sheet.discarded": N_("%(who)s discarded an uploaded list"),
    "criteria.saved": N_("%(who)s changed the criteria"),
    "programme.created": N_("%(who)s created the programme"),
    "programme.changed": N_("%(who)s changed the settings"),
    "staff.appointed": N_("%(who)s let %(about)s help to run the programme"),
    "staff.dismissed": N_("%(who)s took a staff role from %(about)s"),
    "round.created": N_("%(who)s made round %(round)s"),
    "round.planned": N_("%(who)s planned round %(round)s"),
    "round.opened": N_("%(who)s opened round %(round)s"),
    "round.reminded": N_("%(who)s reminded those whose profile is incomplete"),
    "round.matching": N_("%(who)s started the matching of round %(round)s"),
    "round.proposed": N_("The matching of round %(round)s is ready"),
    "round.reopened": N_("%(who)s reopened round %(round)s"),
    "round.run_chosen": N_("%(who)s chose another result for round %(round)s"),
    "round.publishing": N_("%(who)s asked to publish round %(round)s"),
    "round.hastened": N_("%(who)s let round %(round)s be published at once"),
    "round.publication_stopped": N_("%(who)s stopped the publication of round %(round)s"),
    "round.withheld": N_("Round %(round)s was not published: a last check failed"),
    "round.sign_off_asked": N_("%(who)s asked for the sign-off of round %(round)s"),
    "round.signed_off": N_("%(who)s signed the result of round %(round)s off"),
    "round.sign_off_taken_back": N_("%(who)s took back the sign-off of round %(round)s"),
    "round.fell_through": N_("Free places of round %(round)s were passed on"),
    "round.published": N_("%(who)s published round %(round)s"),
    "round.told": N_("The results of round %(round)s went out"),
    "round.closed": N_("%(who)s closed round %(round)s"),
    "run.finished": N_("A matching run has finished"),
    "run.failed": N_("A matching run has failed"),
    "run.stopped": N_("%(who)s stopped a matching run"),
    "run.cancelled": N_("%(who)s cancelled a matching run"),
    "decision.pin": N_("%(who)s pinned a pair in round %(round)s"),
    "decision.veto": N_("%(who)s vetoed a pair in round %(round)s"),
    "decision.skip": N_("%(who)s skipped a pair in round %(round)s"),
    "decision.undone": N_("%(who)s took back a decision in round %(round)s"),
    "decisions.undone": N_("%(who)s took back all decisions in round %(round)s"),
    "wishes.changed": N_("%(who)s changed their wishes"),
    "wishes.reminded": N_("%(who)s reminded those who have stated no wishes"),
    "match.accepted": N_("%(who)s accepted a match"),
    "match.declined": N_("%(who)s declined a match"),
    "match.expired": N_("A match was not answered in time"),
    "match.fell_through": N_("A free place went to the next best"),
    "match.ended": N_("%(who)s ended a match"),
    "match.concern_told": N_("%(who)s told the office something in private"),
    "match.concern_settled": N_("%(who)s dealt with what the office was told"),
}
_OWN: Mapping[str, str] = {
    "profile.saved": N_("%(who)s changed their own profile"),
    "enrolment.active": N_("%(who)s takes part again"),
    "enrolment.paused": N_("%(who)s paused"),
}
_MARKS: Mapping[str, str] = {
    "profile": "pencil",
    "person": "user-plus",
    "enrolment": "users",
    "participants": "download",
    "ledger": "download",
    "sheet": "upload",
    "criteria": "sliders-horizontal",
    "programme": "settings",
    "staff": "shield-check",
    "match": "hand",
    "wishes": "star",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event, ready for a page."""

    at: datetime
    text: str
    icon: str


def told(event: Event) -> Told:
    """Return an event in words."""
    action = f"enrolment.{event.detail.get('after')}" if event.action == "enrolment.state_set" else event.action
    own = event.who is not None and event.who == event.about
    words = (_OWN.get(action) if own else None) or _WORDS.get(action, "%(who)s: %(action)s")
    program, left = gettext("The program"), gettext("somebody who has left")
    text = gettext(
        words,
        who=_named(event.who, program),
        about=_named(event.about, left),
        round=event.round_number or "–",
        action=event.action,
    )
    return Told(event.at, text, _MARKS.get(action.partition(".")[0], "git-compare-arrows"))


def _named(name: Name | None, otherwise: str) -> str:
    if name is None:
        return otherwise
    language = speech().language
    return f"{name.full(language)}さん" if language == "ja" else name.full(language)
