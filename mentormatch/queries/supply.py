"""Supply and demand before a run: in numbers, and by field, language, place and free time in one pass over all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any, Self

from sqlalchemy import case, func, select

from mentormatch.core.answers import DAY, tag_key
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState, Match, Round
from mentormatch.queries import Store, problems
from mentormatch.queries.rounds import RoundView

PARTS = (0, 9 * 60, 12 * 60, 17 * 60, 21 * 60, DAY)
"""Minutes at which the parts of a day begin, and the end of the last one."""
ENOUGH = 30
"""Minutes of a part of a day for which somebody must be free to count as free then."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class Totals:
    """One track in numbers: interns who seek somebody, hosts, and the places that they have left in a round.

    `unlimited` are the places there would be without the round's limit of interns for each host.
    """

    track: Role
    interns: int
    hosts: int
    places: int
    unlimited: int

    @property
    def short(self) -> int:
        """How many places are missing."""
        return max(0, self.interns - self.places)


def totals(store: Store, found: RoundView, tracks: Iterable[Role]) -> dict[Role, Totals]:
    """Return the numbers of each track before a round's run; three queries."""
    active = (Enrolment.programme_id == found.programme_id, Enrolment.state == EnrolmentState.ACTIVE)
    living = (
        select(Match.host_id, Match.intern_id, Match.track)
        .join(Round, Round.id == Match.round_id)
        .where(Round.programme_id == found.programme_id, Match.state.in_(problems.LIVING))
        .subquery()
    )
    taken = select(living.c.host_id, func.count().label("number")).group_by(living.c.host_id).subquery()
    left = Enrolment.capacity - func.coalesce(taken.c.number, 0)
    free = case((left < 0, 0), else_=left)
    some = free if found.most_interns is None else case((free > found.most_interns, found.most_interns), else_=free)
    offered = (
        select(Enrolment.role, func.count(), func.coalesce(func.sum(some), 0), func.coalesce(func.sum(free), 0))
        .outerjoin(taken, taken.c.host_id == Enrolment.id)
        .where(*active)
        .group_by(Enrolment.role)
    )
    hosts = {role: (number, int(places), int(every)) for role, number, places, every in store.execute(offered)}
    interns = hosts.get(Role.INTERN, (0, 0, 0))[0]
    matched = (
        select(living.c.track, func.count(living.c.intern_id.distinct()))
        .join(Enrolment, Enrolment.id == living.c.intern_id)
        .where(*active)
        .group_by(living.c.track)
    )
    settled = {Role(track): number for track, number in store.execute(matched)}
    return {track: Totals(track, interns - settled.get(track, 0), *hosts.get(track, (0, 0, 0))) for track in tracks}


@dataclass(slots=True)
class Line:
    """One field, language or place: interns who name it, of them those who name nothing else, hosts, their places."""

    label: str
    interns: int = 0
    only: int = 0
    hosts: int = 0
    places: int = 0

    @property
    def short(self) -> int:
        """How many more interns than places there are; negative where places are left."""
        return self.interns - self.places


@dataclass(slots=True)
class Slot:
    """A part of a weekday: interns who are free then, and places of hosts who are."""

    interns: int = 0
    places: int = 0

    @property
    def short(self) -> int:
        """How many more interns than places there are; negative where places are left."""
        return self.interns - self.places


@dataclass(slots=True)
class Topic:
    """One question of the profile: its answers, the scarcest first, and how many interns and places have none."""

    lines: Sequence[Line] = ()
    interns_silent: int = 0
    places_silent: int = 0


@dataclass(frozen=True, slots=True)
class Market:
    """What interns seek and hosts offer in one track. `week` holds a slot for each weekday and part of the day."""

    fields: Topic
    languages: Topic
    areas: Topic
    week: Sequence[Sequence[Slot]]
    week_silent: tuple[int, int]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data; `from_json` reads it back."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` wrote."""
        topics = {key: _topic_from(data[key]) for key in ("fields", "languages", "areas")}
        week = [[Slot(**slot) for slot in row] for row in data["week"]]
        mine, theirs = data["week_silent"]
        return cls(**topics, week=week, week_silent=(mine, theirs))


def _topic_from(data: Mapping[str, Any]) -> Topic:
    return Topic([Line(**line) for line in data["lines"]], data["interns_silent"], data["places_silent"])


@dataclass(frozen=True, slots=True)
class _Side:
    """What somebody answered."""

    fields: Mapping[str, str]
    languages: Mapping[str, str]
    areas: Mapping[str, str]
    slots: frozenset[tuple[int, int]]


def markets(store: Store, found: RoundView, tracks: Iterable[Role], *, level: int = 1) -> dict[Role, Market]:
    """Return supply and demand of each track before a round's run; two queries.

    Parameters
    ----------
    level:
        The level from which a language counts.
    """
    earlier = problems.published(store, found.programme_id).living
    settled = {(track, intern) for track, intern, _ in earlier}
    taken = Counter(host for _, _, host in earlier)
    profile = Enrolment.profile
    wanted = (
        select(
            Enrolment.id,
            Enrolment.role,
            Enrolment.capacity,
            profile["industries"],
            profile["languages"],
            profile["place"],
            profile["free_time"],
        )
        .where(Enrolment.programme_id == found.programme_id, Enrolment.state == EnrolmentState.ACTIVE)
        .order_by(Enrolment.id)
    )
    people = [(row.id, row.role, row.capacity, _answers(row, level)) for row in store.execute(wanted)]
    made = {}
    for track in tracks:
        seeking = [one for id_, role, _, one in people if role is Role.INTERN and (str(track), id_) not in settled]
        hosts = [(max(0, capacity - taken[id_]), one) for id_, role, capacity, one in people if role is track]
        most = found.most_interns
        made[track] = _market(seeking, [(free if most is None else min(free, most), one) for free, one in hosts])
    return made


def _answers(row: Any, level: int) -> _Side:
    _, _, _, industries, languages, area, windows = row
    spoken = {code: code for code, known in languages or () if known >= level}
    return _Side(
        fields={tag_key(tag): tag for tag in industries or ()},
        languages=spoken,
        areas={tag_key(area): area} if area else {},
        slots=slots_of(windows or ()),
    )


def slots_of(windows: Iterable[Sequence[int]]) -> frozenset[tuple[int, int]]:
    """Return the (weekday, part of the day) in which these windows leave enough time."""
    minutes: Counter[tuple[int, int]] = Counter()
    for day, start, end in windows:
        for part, (begin, stop) in enumerate(pairwise(PARTS)):
            minutes[day, part] += max(0, min(end, stop) - max(start, begin))
    return frozenset(slot for slot, free in minutes.items() if free >= ENOUGH)


def _market(seeking: Sequence[_Side], offered: Sequence[tuple[int, _Side]]) -> Market:
    week = [[Slot() for _ in pairwise(PARTS)] for _ in range(WEEK)]
    for one in seeking:
        for day, part in one.slots:
            week[day][part].interns += 1
    for places, one in offered:
        for day, part in one.slots:
            week[day][part].places += places
    silent = sum(not one.slots for one in seeking), sum(places for places, one in offered if not one.slots)
    return Market(
        fields=_topic([one.fields for one in seeking], [(places, one.fields) for places, one in offered]),
        languages=_topic([one.languages for one in seeking], [(places, one.languages) for places, one in offered]),
        areas=_topic([one.areas for one in seeking], [(places, one.areas) for places, one in offered]),
        week=week,
        week_silent=silent,
    )


def _topic(mine: Iterable[Mapping[str, str]], theirs: Iterable[tuple[int, Mapping[str, str]]]) -> Topic:
    lines: dict[str, Line] = {}
    topic = Topic()
    for named in mine:
        topic.interns_silent += not named
        for key, label in named.items():
            line = lines.setdefault(key, Line(label))
            line.interns += 1
            line.only += len(named) == 1
    for places, named in theirs:
        topic.places_silent += 0 if named else places
        for key, label in named.items():
            line = lines.setdefault(key, Line(label))
            line.hosts += 1
            line.places += places
    topic.lines = sorted(lines.values(), key=lambda line: (-line.short, -line.interns, line.label))
    return topic
