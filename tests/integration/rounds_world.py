"""A small programme whose best pairs one can see with the naked eye."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from mentormatch.core.policy import Actor
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Programme
from mentormatch.queries import actors
from mentormatch.queries import rounds as reading
from mentormatch.services import criteria, decisions, publication, rounds, runs
from tests.factories import a_person, a_programme, a_staff_member, an_enrolment

MONDAY = [[0, 600, 720]]


@dataclass
class World:
    """A programme with its admin, people by family name, and one round."""

    session: Session
    programme: Programme
    admin: Actor
    people: dict[str, Enrolment] = field(default_factory=dict)
    round_id: int = 0

    def enrol(self, name: str, role: Role, field_of_work: str, **values: object) -> Enrolment:
        profile = {"industries": [field_of_work], "languages": [["ja", 4]], "free_time": MONDAY}
        profile |= values.pop("profile", {})
        person = values.pop("person", None) or a_person(self.session, family_name=name, given_name="")
        self.people[name] = an_enrolment(self.session, self.programme, role, person=person, profile=profile, **values)
        return self.people[name]

    @property
    def round(self) -> reading.RoundView:
        self.session.rollback()
        return next(
            row.round for row in reading.of_programme(self.session, self.programme.id) if row.round.id == self.round_id
        )

    def new_round(self) -> None:
        number = rounds.create(self.session, actor=self.admin, programme_id=self.programme.id)
        self.round_id = reading.by_number(self.session, self.programme.id, number).id

    def run(self) -> int:
        run_id = runs.start(self.session, actor=self.admin, round_id=self.round_id)
        runs.execute(self.session, run_id=run_id, keep_alive=lambda: True)
        return run_id

    def decide(self, intern: str, host: str, kind: object, **values: object) -> None:
        host_row = self.people[host]
        decisions.decide(
            self.session,
            actor=self.admin,
            round_id=self.round_id,
            track=host_row.role,
            intern_id=self.people[intern].id,
            host_id=host_row.id,
            kind=kind,
            **values,
        )

    def publish(self) -> int:
        now = self.round
        return publication.publish(self.session, actor=self.admin, round_id=now.id, run_id=now.run_id, rev=now.rev)

    def names(self, triples: object) -> set[tuple[str, str]]:
        """Return pairs of (intern, host) names for rows with intern_id and host_id."""
        called = {row.id: name for name, row in self.people.items()}
        return {(called[row.intern_id], called[row.host_id]) for row in triples}


def a_world(session: Session, tracks: tuple[str, ...] = ("mentor",), **values: object) -> World:
    """Return a programme with its admin and a round in draft; nobody is enrolled yet."""
    programme = a_programme(session, tracks=list(tracks), **values)
    criteria.install_defaults(session, programme_id=programme.id)
    session.commit()
    admin = actors.of_person(session, a_staff_member(session, programme, language="en"))
    world = World(session, programme, admin)
    world.new_round()
    return world


def a_small_world(session: Session) -> World:
    """Return three interns and three mentors, one field each and one place each: sea, law, art."""
    world = a_world(session)
    for number, work in enumerate(("sea", "law", "art")):
        world.enrol(f"intern-{work}", Role.INTERN, work)
        world.enrol(f"mentor-{work}", Role.MENTOR, work, capacity=1 + (number == 0))
    return world
