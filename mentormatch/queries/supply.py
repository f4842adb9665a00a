"""Supply and demand of one track: by field, language, place and free time, in one pass over the people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from sqlalchemy import select

from mentormatch.core.answers import DAY, tag_key
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, EnrolmentState
from mentormatch.queries import Store, problems
from mentormatch.queries.rounds import RoundView

PARTS = (0, 9 * 60, 12 * 60, 17 * 60, 21 * 60, DAY)
"""Minutes at which the parts of a day begin, and the end of the last one."""
ENOUGH = 30
"""Minutes of a part of a day for which somebody must be free to count as free then."""
WEEK = 7


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


@dataclass(slots=True)
class Market:
    """One track before a run.

    `interns` seek somebody; `places` are those that hosts have left in this round, `unlimited` those without the
    round's limit of interns for each host. `week` holds a slot for each weekday from Monday and part of the day.
    """

    track: Role
    interns: int = 0
    hosts: int = 0
    places: int = 0
    unlimited: int = 0
    fields: Topic = field(default_factory=Topic)
    languages: Topic = field(default_factory=Topic)
    areas: Topic = field(default_factory=Topic)
    week: list[list[Slot]] = field(default_factory=list)
    week_silent: tuple[int, int] = (0, 0)

    @property
    def short(self) -> int:
        """How many places are missing."""
        return max(0, self.interns - self.places)


@dataclass(frozen=True, slots=True)
class _Side:
    """Somebody who seeks (`places` is None) or offers places, with what they answered."""

    places: int | None
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
        made[track] = _market(track, seeking, hosts, found.most_interns)
    return made


def _answers(row: Any, level: int) -> _Side:
    _, _, _, industries, languages, area, windows = row
    spoken = {code: code for code, known in languages or () if known >= level}
    return _Side(
        places=None,
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


def _market(track: Role, seeking: Sequence[_Side], hosts: Sequence[tuple[int, _Side]], most: int | None) -> Market:
    offered = [(free if most is None else min(free, most), one) for free, one in hosts]
    week = [[Slot() for _ in pairwise(PARTS)] for _ in range(WEEK)]
    for one in seeking:
        for day, part in one.slots:
            week[day][part].interns += 1
    for places, one in offered:
        for day, part in one.slots:
            week[day][part].places += places
    silent = sum(not one.slots for one in seeking), sum(places for places, one in offered if not one.slots)
    return Market(
        track=track,
        interns=len(seeking),
        hosts=len(hosts),
        places=sum(places for places, _ in offered),
        unlimited=sum(free for free, _ in hosts),
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
