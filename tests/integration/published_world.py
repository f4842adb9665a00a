"""A published round made by hand: who has whom, and how each match stands, without a run."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from mentormatch.core import clock
from mentormatch.core.policy import Actor
from mentormatch.core.roles import Role
from mentormatch.models import (
    LIVING,
    Decision,
    DecisionKind,
    Enrolment,
    Match,
    MatchState,
    Person,
    Programme,
    Round,
    RoundState,
    Run,
    RunState,
    Unmatched,
)
from mentormatch.queries import actors
from mentormatch.services import criteria
from tests.factories import a_person, a_programme, a_staff_member, an_enrolment
from tests.integration.test_policy import SUMMARY

NOON = [[0, 720, 840]]


@dataclass
class Published:
    """A programme with one published round; people by name."""

    session: Session
    programme: Programme
    admin: Actor
    round: Round
    people: dict[str, Enrolment] = field(default_factory=dict)

    def enrol(self, name: str, role: Role, work: str = "sea", tongue: str = "ja", **values: object) -> Enrolment:
        """Take somebody in who works in a field and speaks one language."""
        profile = {"industries": [work], "languages": [[tongue, 4]], "free_time": NOON}
        language = values.pop("language", "ja")
        person = a_person(self.session, family_name=name, given_name="", romaji=name, language=language)
        self.people[name] = an_enrolment(self.session, self.programme, role, person=person, profile=profile, **values)
        return self.people[name]

    def match(self, intern: str, host: str, state: MatchState = MatchState.PROPOSED, **values: object) -> Match:
        """Write a published match."""
        made = Match(
            round_id=self.round.id,
            track=self.people[host].role,
            intern_id=self.people[intern].id,
            host_id=self.people[host].id,
            state=state,
            answer_by=clock.now() + timedelta(days=7),
            **values,
        )
        self.session.add(made)
        self.session.commit()
        return made

    def alone(self, intern: str, track: Role = Role.MENTOR) -> None:
        """Note that the round left somebody without anybody."""
        reason = {"why": "all_full", "hosts": 1, "allowed": 1, "removed": [], "one_more_place": []}
        row = Unmatched(run_id=self.round.run_id, track=track, intern_id=self.people[intern].id, reason=reason)
        self.session.add(row)
        self.session.commit()

    def never(self, intern: str, host: str) -> None:
        """Veto a pair."""
        pair = {"intern_id": self.people[intern].id, "host_id": self.people[host].id, "track": Role.MENTOR}
        self.session.add(Decision(round_id=self.round.id, kind=DecisionKind.VETO, **pair))
        self.session.commit()

    def actor(self, name: str) -> Actor:
        """Return somebody as who acts."""
        self.session.rollback()
        return actors.of_person(self.session, self.session.get_one(Person, self.people[name].person_id))

    def living(self) -> set[tuple[str, str]]:
        """Return (intern, host) names of what lives."""
        self.session.rollback()
        called = {row.id: name for name, row in self.people.items()}
        found = select(Match.intern_id, Match.host_id).where(Match.round_id == self.round.id, Match.state.in_(LIVING))
        return {(called[intern], called[host]) for intern, host in self.session.execute(found)}

    def loads(self) -> Counter[str]:
        """Return how many interns each host has."""
        return Counter(host for _, host in self.living())


def a_published_round(session: Session, tracks: tuple[str, ...] = ("mentor",), **values: object) -> Published:
    """Return a programme with its admin and a published round without any match yet."""
    programme = a_programme(session, tracks=list(tracks), **values)
    criteria.install_defaults(session, programme_id=programme.id)
    session.commit()
    admin = actors.of_person(session, a_staff_member(session, programme, language="en", family_name="Admin"))
    round_ = Round(programme_id=programme.id, number=1, state=RoundState.PUBLISHED, published_at=clock.now())
    session.add(round_)
    session.flush()
    run = Run(round_id=round_.id, number=1, state=RunState.DONE, finished_at=clock.now(), summary=SUMMARY)
    session.add(run)
    session.flush()
    round_.run_id = run.id
    session.commit()
    return Published(session, programme, admin, round_)
