"""What each letter needs to know, looked up at the moment of sending."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from mentormatch.core.config import Config
from mentormatch.core.i18n import N_, Speech
from mentormatch.core.policy import Permission
from mentormatch.core.roles import Role
from mentormatch.core.wording import Language
from mentormatch.models import (
    Enrolment,
    EnrolmentState,
    Match,
    MatchState,
    Opening,
    Person,
    Programme,
    Round,
    RoundState,
)
from mentormatch.models.base import AnySession
from mentormatch.queries import actors, wishes
from mentormatch.services import accounts

Facts = Mapping[str, Any]
Fields = dict[str, str]


OPEN_REASONS: Mapping[str, str] = {
    "no_hosts": N_("Nobody takes part in that role at present."),
    "no_allowed_host": N_("The rules allow nobody for this intern."),
    "all_full": N_("Nobody whom the rules allow has a free place."),
    "needed_elsewhere": N_("The free places are needed for others who wait."),
    "office": N_("It is for you to decide who comes instead."),
}
"""Why an intern still waits, for admins; by the word of `Opening.reason`."""


class NotAnyMore(Exception):
    """What the message reports is no longer so; the text says why it is not sent."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one letter is written: for whom, in which language, with which links."""

    session: AnySession
    config: Config
    person: Person
    sign_in_links: bool

    @property
    def speech(self) -> Speech:
        """How to speak to the reader."""
        return Speech(cast("Language", self.person.language), self.person.timezone)

    def link(self, path: str, lifetime: timedelta = accounts.INVITATION_LIFETIME) -> str:
        """Return an address for the reader. In the standalone application it signs the reader in, once."""
        if not self.sign_in_links:
            return f"{self.config.base_url}{path}"
        token = accounts.issue_link(self.session, person_id=self.person.id, next_path=path, lifetime=lifetime)
        return f"{self.config.base_url}/sign-in/link/{token}"

    def common(self, programme: Programme) -> Fields:
        """Return the fields that every letter of a programme has."""
        language = self.speech.language
        return {
            "called": self.person.name.called(language),
            "programme": programme.name.to(language),
            "organisation": programme.organisation.to(language),
            "home_path": f"/programmes/{programme.slug}/home/",
        }


def sign_in_link(desk: Desk, facts: Facts) -> Fields:
    """Fill in the letter with a one-time sign-in link."""
    minutes = int(accounts.LINK_LIFETIME.total_seconds() // 60)
    path = str(facts.get("next_path", "/"))
    return {
        "called": desk.person.name.called(desk.speech.language),
        "minutes": str(minutes),
        "link": desk.link(path, accounts.LINK_LIFETIME),
    }


def invitation(desk: Desk, facts: Facts) -> Fields:
    """Fill in the invitation to complete one's profile."""
    programme = _taking_part(desk, facts["enrolment_id"]).programme
    return {**desk.common(programme), "link": desk.link(f"/programmes/{programme.slug}/profile/")}


def match_intern(desk: Desk, facts: Facts) -> Fields:
    """Tell an intern whom she got."""
    return about_host(desk, _match(desk, facts))


def about_host(desk: Desk, match: Match) -> Fields:
    """Fill in the letter to the intern of a match, published or about to be."""
    language = desk.speech.language
    host = match.host
    work = " ".join(str(host.profile.get(key, "")) for key in ("organisation", "position"))
    return _with_link(
        desk,
        match.round.programme,
        other=host.person.name.full(language),
        other_called=host.person.name.called(language),
        work=work,
        kind=_kind(desk, match),
    )


def _kind(desk: Desk, match: Match) -> str:
    """Return what the host is to the intern."""
    return desk.speech.gettext(N_("your mentor") if match.track is Role.MENTOR else N_("your alumni contact"))


def match_changed(desk: Desk, facts: Facts) -> Fields:
    """Tell an intern who comes in place of somebody."""
    return about_host(desk, _match(desk, facts))


def match_host(desk: Desk, facts: Facts) -> Fields:
    """Tell a mentor or alumnus whom they got, and until when an answer is hoped for."""
    return about_intern(desk, _match(desk, facts))


def about_intern(desk: Desk, match: Match) -> Fields:
    """Fill in the letter to the host of a match, published or about to be."""
    language = desk.speech.language
    intern = match.intern
    studies = " ".join(str(intern.profile.get(key, "")) for key in ("faculty", "year"))
    return _with_link(
        desk,
        match.round.programme,
        other=intern.person.name.full(language),
        other_called=intern.person.name.called(language),
        studies=studies,
        answer_by=desk.speech.day(match.answer_by),
    )


def unmatched_intern(desk: Desk, facts: Facts) -> Fields:
    """Tell an intern kindly that there is no match yet and what happens now."""
    found = desk.session.get(Round, facts["round_id"])
    if found is None or found.state not in {RoundState.PUBLISHED, RoundState.CLOSED}:
        raise NotAnyMore("the round is not published")
    _taking_part(desk, facts["enrolment_id"])
    return about_nobody(desk, found)


def about_nobody(desk: Desk, found: Round) -> Fields:
    """Fill in the letter to an intern without a partner in a round, published or about to be."""
    return _with_link(desk, found.programme)


def match_reminder(desk: Desk, facts: Facts) -> Fields:
    """Remind a host once that an answer is hoped for."""
    return about_intern(desk, _match(desk, facts, MatchState.PROPOSED))


def match_expired(desk: Desk, facts: Facts) -> Fields:
    """Tell a host without reproach that somebody else is asked now."""
    return about_intern(desk, _match(desk, facts, MatchState.EXPIRED))


def match_ended_intern(desk: Desk, facts: Facts) -> Fields:
    """Thank an intern, and say whether somebody else comes."""
    match = _match(desk, facts, MatchState.ENDED)
    seeks = match.seeks and match.intern.state is not EnrolmentState.WITHDRAWN
    soon = N_("We are looking for somebody else for you and will write as soon as we know who it is.")
    done = N_("If you have questions, or would like to go on with somebody else, please write to us.")
    text = desk.speech.gettext(soon if seeks else done)
    return _closing(desk, match.intern, {**about_host(desk, match), "next_text": text})


def match_ended_host(desk: Desk, facts: Facts) -> Fields:
    """Thank a host for the time given."""
    match = _match(desk, facts, MatchState.ENDED)
    stays = N_(
        "There is nothing you need to do. On your page you can say how many interns you have room for, or take a break."
    )
    leaves = N_("There is nothing you need to do.")
    text = desk.speech.gettext(leaves if match.host.state is EnrolmentState.WITHDRAWN else stays)
    return _closing(desk, match.host, {**about_intern(desk, match), "next_text": text})


def _closing(desk: Desk, reader: Enrolment, fields: Fields) -> Fields:
    """Lead somebody who has left to the first page: the programme's own pages are closed to them."""
    return {**fields, "link": desk.link("/")} if reader.state is EnrolmentState.WITHDRAWN else fields


def match_accepted(desk: Desk, facts: Facts) -> Fields:
    """Tell an intern that the host looks forward to it."""
    match = _match(desk, facts, MatchState.ACCEPTED)
    language = desk.speech.language
    name = match.host.person.name
    return _with_link(desk, match.round.programme, other=name.full(language), other_called=name.called(language))


def match_declined(desk: Desk, facts: Facts) -> Fields:
    """Tell a programme admin that a host has declined."""
    match = _match(desk, facts, MatchState.DECLINED)
    return _to_office(desk, match.round, "review", _both(desk, match))


def place_open(desk: Desk, facts: Facts) -> Fields:
    """Tell an admin that an intern waits for somebody, and why."""
    match = _match(desk, facts, MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED)
    why = _why_open(desk, match)
    kind = N_("a mentor") if match.track is Role.MENTOR else N_("an alumni contact")
    fields = {"reason_text": desk.speech.gettext(OPEN_REASONS[why]), "kind_of_host": desk.speech.gettext(kind)}
    fields["number"] = str(match.round.number)
    return _to_office(desk, match.round, "repair", fields | _both(desk, match))


def place_open_intern(desk: Desk, facts: Facts) -> Fields:
    """Tell an intern whose host is gone that nobody is left for the moment."""
    match = _match(desk, facts, MatchState.DECLINED, MatchState.EXPIRED, MatchState.ENDED)
    _why_open(desk, match)
    return _with_link(desk, match.round.programme, kind=_kind(desk, match))


def _why_open(desk: Desk, match: Match) -> str:
    """Return the word that says why the intern of a match that came to nothing still waits."""
    found = desk.session.scalar(
        select(Opening.reason).where(
            Opening.round_id == match.round_id, Opening.track == match.track, Opening.intern_id == match.intern_id
        )
    )
    if found is None:
        raise NotAnyMore("somebody has been found")
    return str(found["why"])


def concern_told(desk: Desk, facts: Facts) -> Fields:
    """Tell an admin that one of the two of a match has written in private."""
    match = _match(desk, facts)
    return _to_office(desk, match.round, f"matches/{match.id}", _both(desk, match))


def publication_withheld(desk: Desk, facts: Facts) -> Fields:
    """Tell an admin why a round has not been published."""
    found = desk.session.get(Round, facts["round_id"])
    if found is None or not found.withheld:
        raise NotAnyMore("the round has gone on since")
    message, fields = found.withheld["message"], found.withheld["fields"]
    reason = desk.speech.gettext(message, **fields)
    return _to_office(desk, found, "review", {"number": str(found.number), "reason_text": reason})


def sign_off_asked(desk: Desk, facts: Facts) -> Fields:
    """Ask a second person of the office to look at a result."""
    found = desk.session.get(Round, facts["round_id"])
    if found is None or found.run is None or found.state is not RoundState.REVIEW or found.run_id != facts["run_id"]:
        raise NotAnyMore("another result is under review, or none")
    if found.signed_run_id == found.run_id:
        raise NotAnyMore("it is signed off")
    asker = desk.session.get(Person, facts["asked_by"])
    name = "" if asker is None else asker.name.full(desk.speech.language)
    fields = {"number": str(found.number), "asker": name, "pairs": str(found.run.summary["pairs"])}
    return _to_office(desk, found, "sign-off", fields, Permission.SIGN_OFF_ROUNDS)


def _to_office(
    desk: Desk, found: Round, page: str, fields: Fields, permission: Permission = Permission.SEE_ROUNDS
) -> Fields:
    """Return the fields of a letter to somebody who runs the programme, with a link to a page of the round."""
    programme = found.programme
    if not actors.of_person(desk.session, desk.person).may(permission, programme.id):
        raise NotAnyMore("no longer runs the programme")
    path = f"/programmes/{programme.slug}/rounds/{found.number}/{page}"
    return {**desk.common(programme), **fields, "link": desk.link(path)}


def _both(desk: Desk, match: Match) -> Fields:
    """Return the names of the two."""
    language = desk.speech.language
    return {"host": match.host.person.name.full(language), "intern": match.intern.person.name.full(language)}


def profile_reminder(desk: Desk, facts: Facts) -> Fields:
    """Remind somebody kindly that the profile is not complete."""
    programme = _taking_part(desk, facts["enrolment_id"]).programme
    return {**desk.common(programme), "link": desk.link(f"/programmes/{programme.slug}/profile/")}


def wishes_reminder(desk: Desk, facts: Facts) -> Fields:
    """Remind somebody kindly that there is still time to say whom they wish for."""
    enrolment = _taking_part(desk, facts["enrolment_id"])
    programme = enrolment.programme
    if not wishes.may_change(desk.session, programme.id):
        raise NotAnyMore("wishes are no longer collected")
    if wishes.has_stated(desk.session, enrolment.id):
        raise NotAnyMore("wishes have been stated")
    return {**desk.common(programme), "link": desk.link(f"/programmes/{programme.slug}/wishes/")}


LETTERS: Mapping[str, Callable[[Desk, Facts], Fields]] = {
    function.__name__: function
    for function in (
        sign_in_link,
        invitation,
        match_intern,
        match_host,
        unmatched_intern,
        match_accepted,
        wishes_reminder,
        match_declined,
        match_changed,
        match_reminder,
        match_expired,
        match_ended_intern,
        match_ended_host,
        place_open,
        place_open_intern,
        concern_told,
        publication_withheld,
        sign_off_asked,
        profile_reminder,
    )
}


def _taking_part(desk: Desk, enrolment_id: int) -> Enrolment:
    found = desk.session.get(Enrolment, enrolment_id)
    if found is None or found.state is EnrolmentState.WITHDRAWN:
        raise NotAnyMore("no longer enrolled")
    return found


def _match(desk: Desk, facts: Facts, *states: MatchState) -> Match:
    """Return the match if it still is what the message reports, loaded with both people in one query."""
    people = (
        joinedload(Match.intern).joinedload(Enrolment.person),
        joinedload(Match.host).joinedload(Enrolment.person),
    )
    found = desk.session.scalar(
        select(Match)
        .where(Match.id == facts["match_id"])
        .options(*people, joinedload(Match.round).joinedload(Round.programme))
    )
    if found is None:
        raise NotAnyMore("the match no longer exists")
    if found.state not in (states or (MatchState.PROPOSED, MatchState.ACCEPTED)):
        raise NotAnyMore(f"the match is {found.state.value} by now")
    over = {MatchState.DECLINED, MatchState.ENDED} & set(states)
    if EnrolmentState.WITHDRAWN in {found.intern.state, found.host.state} and not over:
        raise NotAnyMore("one of the two has left the programme")
    return found


def _with_link(desk: Desk, programme: Programme, **fields: str) -> Fields:
    common = desk.common(programme)
    return {**common, **fields, "link": desk.link(common["home_path"])}
