"""What participants ask for: say it, change it, take it back, while a round still collects; and reminders."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Programme, Round, Wish, WishKind, WishSheet
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import wishes as reading
from mentormatch.services import audit, outbox, rounds

CHOICES = 5
"""So many people can be ranked, in each role of the others."""

_NOTHING = "There is nothing here, or it is not for you to see."


def say(
    session: AnySession, *, actor: Actor, programme_id: int, author_id: int, other_id: int, kind: str
) -> int | None:
    """Say something about somebody; it replaces what was said before. Return the rank of a choice, the next one free.

    Parameters
    ----------
    kind:
        A word of `WishKind`.

    Raises
    ------
    InvalidInput
        There is no such kind, or there are five choices already.
    Conflict
        The round no longer collects wishes.
    """
    said = next((one for one in WishKind if one == kind), None)
    with writing(session):
        author = _author(session, actor, programme_id, author_id)
        other = _other(session, author, other_id)
        if said is None:
            raise InvalidInput("Choose one of the points on the list.", field="kind")
        ranked = _choices(session, author, other.role)
        if said is WishKind.CHOICE:
            if other.id not in ranked and len(ranked) >= CHOICES:
                raise InvalidInput(
                    "You have ranked %(most)s people already. Take one of them away first, or say that you would "
                    "gladly have this person too.",
                    field="kind",
                    most=CHOICES,
                )
            _rank(session, author, other.role, [*(one for one in ranked if one != other.id), other.id])
        else:
            _forget(session, author, other)
            session.execute(insert(Wish).values(author_id=author.id, other_id=other.id, role=other.role, kind=said))
        _sheet(session, author, open_to_all=False)
        _record(session, actor, author)
        return len(_choices(session, author, other.role)) if said is WishKind.CHOICE else None


def forget(session: AnySession, *, actor: Actor, programme_id: int, author_id: int, other_id: int) -> None:
    """Take back what was said about somebody; later choices move up.

    Raises
    ------
    Conflict
        The round no longer collects wishes.
    """
    with writing(session):
        author = _author(session, actor, programme_id, author_id)
        other = session.scalar(
            select(Enrolment)
            .join(Wish, Wish.other_id == Enrolment.id)
            .where(Wish.author_id == author.id, Enrolment.id == other_id)
        )
        if other is not None:
            _forget(session, author, other)
            _record(session, actor, author)


def move(session: AnySession, *, actor: Actor, programme_id: int, author_id: int, other_id: int, by: int) -> None:
    """Move a choice up (`by` below zero) or down by some ranks, as far as there are any.

    Raises
    ------
    NotFound
        Nobody of that id is among the choices.
    Conflict
        The round no longer collects wishes.
    """
    with writing(session):
        author = _author(session, actor, programme_id, author_id)
        role = session.scalar(
            select(Wish.role).where(
                Wish.author_id == author.id, Wish.other_id == other_id, Wish.kind == WishKind.CHOICE
            )
        )
        if role is None:
            raise NotFound(_NOTHING)
        ranked = _choices(session, author, role)
        place = ranked.index(other_id)
        ranked.insert(max(0, place + by), ranked.pop(place))
        _rank(session, author, role, ranked)
        _record(session, actor, author)


def prioritise(session: AnySession, *, actor: Actor, programme_id: int, author_id: int, key: str) -> None:
    """Name the criterion that matters most; an empty key takes it back.

    Raises
    ------
    InvalidInput
        There is no such criterion to choose from.
    Conflict
        The round no longer collects wishes.
    """
    with writing(session):
        author = _author(session, actor, programme_id, author_id)
        programme = session.get_one(Programme, programme_id)
        if key and key not in {one.key for one in reading.priorities(session, programme, author.role)}:
            raise InvalidInput("Choose one of the points on the list.", field="priority")
        _sheet(session, author, priority=key)
        _record(session, actor, author)


def welcome_all(session: AnySession, *, actor: Actor, programme_id: int, author_id: int, open_to_all: bool) -> None:
    """Say that anybody is welcome, so that nobody reminds; or take that back.

    Raises
    ------
    Conflict
        The round no longer collects wishes.
    """
    with writing(session):
        author = _author(session, actor, programme_id, author_id)
        _sheet(session, author, open_to_all=open_to_all)
        _record(session, actor, author)


def remind(session: AnySession, *, actor: Actor, round_id: int) -> int:
    """Remind those who have stated no wishes, each at most once a day of the programme; return how many they are.

    Raises
    ------
    Conflict
        The round no longer collects wishes.
    """
    with writing(session):
        found = rounds.lock(session, actor=actor, permission=Permission.RUN_ROUNDS, round_id=round_id)
        if found.state not in reading.COLLECTING:
            raise Conflict("Reminders go out while wishes are collected. This round is past that.")
        programme = session.get_one(Programme, found.programme_id)
        today = now().astimezone(ZoneInfo(programme.timezone)).date()
        silent = reading.silent(session, programme.id, [Role(track) for track in programme.tracks])
        late = found.matching_at is None or found.matching_at <= now()
        for enrolment_id, person_id in silent:
            outbox.post(
                session,
                kind="wishes_reminder",
                reason=f"wishes_reminder:{enrolment_id}",
                revision=today.toordinal(),
                person_id=person_id,
                programme_id=programme.id,
                facts={"enrolment_id": enrolment_id},
                expires_at=None if late else found.matching_at,
            )
        subject, programme_id = f"round:{round_id}", programme.id
        audit.record(
            session,
            actor=actor,
            action="wishes.reminded",
            subject=subject,
            programme_id=programme_id,
            people=len(silent),
        )
    return len(silent)


def _author(session: AnySession, actor: Actor, programme_id: int, author_id: int) -> Enrolment:
    """Return the actor's own enrolment, locked until the transaction ends, if wishes can be changed now."""
    authorise(actor, Permission.STATE_OWN_WISHES, programme_id)
    # A shared lock: many write at the same time, and the start of a run waits for them.
    newest = select(Round).where(Round.programme_id == programme_id).order_by(Round.number.desc()).limit(1)
    found: Round | None = session.scalar(newest.with_for_update(read=True).execution_options(populate_existing=True))
    author = session.scalar(
        select(Enrolment)
        .where(
            Enrolment.id == author_id,
            Enrolment.programme_id == programme_id,
            Enrolment.person_id == actor.person_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
        )
        .with_for_update()
    )
    if author is None:
        raise NotFound(_NOTHING)
    if found is not None and found.state not in reading.COLLECTING:
        raise Conflict(
            "The matching has begun, so wishes can no longer be changed. What you have said so far counts. If "
            "something important has changed, tell your career centre."
        )
    return author


def _other(session: AnySession, author: Enrolment, other_id: int) -> Enrolment:
    """Return somebody whom the author may say something about: of the other side, and not the author themself."""
    tracks = session.scalars(select(Programme.tracks).where(Programme.id == author.programme_id)).one()
    roles = reading.roles_for(author.role, [Role(track) for track in tracks])
    found = session.scalar(
        select(Enrolment).where(
            Enrolment.id == other_id,
            Enrolment.programme_id == author.programme_id,
            Enrolment.role.in_(roles),
            Enrolment.person_id != author.person_id,
            Enrolment.state != EnrolmentState.WITHDRAWN,
        )
    )
    if found is None:
        raise NotFound(_NOTHING)
    return found


def _choices(session: AnySession, author: Enrolment, role: Role) -> list[int]:
    """Return whom the author has ranked in a role, the first choice first."""
    found = select(Wish.other_id).where(Wish.author_id == author.id, Wish.role == role, Wish.kind == WishKind.CHOICE)
    return list(session.scalars(found.order_by(Wish.rank)))


def _rank(session: AnySession, author: Enrolment, role: Role, others: Sequence[int]) -> None:
    """Write the choices of a role anew; what was said about them before is replaced."""
    _delete(session, author, (Wish.role == role) & (Wish.kind == WishKind.CHOICE) | Wish.other_id.in_(others))
    rows = [
        {"author_id": author.id, "other_id": other, "role": role, "kind": WishKind.CHOICE, "rank": rank}
        for rank, other in enumerate(others, start=1)
    ]
    if rows:
        session.execute(insert(Wish), rows)


def _forget(session: AnySession, author: Enrolment, other: Enrolment) -> None:
    ranked = _choices(session, author, other.role)
    _delete(session, author, Wish.other_id == other.id)
    if other.id in ranked:
        _rank(session, author, other.role, [one for one in ranked if one != other.id])


def _delete(session: AnySession, author: Enrolment, which: object) -> None:
    gone = delete(Wish).where(Wish.author_id == author.id, which)  # type: ignore[arg-type]  # a condition
    session.execute(gone.execution_options(synchronize_session=False))


def _sheet(session: AnySession, author: Enrolment, **values: object) -> None:
    """Set what is given on the author's sheet, which is made if there is none."""
    upsert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"author_id": author.id, "updated_at": now(), **values}
    change = upsert(WishSheet).values(row).on_conflict_do_update(index_elements=["author_id"], set_=row)
    session.execute(change)


def _record(session: AnySession, actor: Actor, author: Enrolment) -> None:
    """Write down that wishes were changed, and nothing about what they are."""
    subject = f"enrolment:{author.id}"
    audit.record(session, actor=actor, action="wishes.changed", subject=subject, programme_id=author.programme_id)
