"""What to do next in a programme: the steps from an empty list to published matches, and which one is due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from mentormatch.blueprints.request import actor, gettext, ngettext
from mentormatch.core.policy import Permission
from mentormatch.core.roles import Role
from mentormatch.queries.participants import Shown, Tally
from mentormatch.queries.programmes import ProgrammeView, Supply
from mentormatch.queries.rounds import RoundRow

_PUBLISHED = {"published", "closed"}


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what it is, how it stands, where it is done. `url` is None where the actor may only watch."""

    title: str
    standing: str
    done: bool
    url: str | None
    action: str
    icon: str
    can_wait: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """What the checklist is computed from."""

    tally: Tally
    supply: Mapping[Role, Supply]
    rounds: Sequence[RoundRow]
    criteria_read: bool


def checklist(programme: ProgrammeView, standing: Standing) -> list[Step]:
    """Return the steps in their order."""
    latest = standing.rounds[0] if standing.rounds else None
    return [
        _people(programme, standing),
        _profiles(programme, standing),
        _criteria(programme, standing),
        _round(programme, latest),
        _run(programme, latest),
        _publish(programme, latest),
    ]


def due(steps: Sequence[Step]) -> Step | None:
    """Return the step to take next: the first that is open, but not one that can wait once a later one is done."""
    for number, step in enumerate(steps):
        overtaken = step.can_wait and any(later.done and not later.can_wait for later in steps[number + 1 :])
        if not step.done and not overtaken:
            return step
    return None


def _people(programme: ProgrammeView, standing: Standing) -> Step:
    lacking = [role for role in (Role.INTERN, *programme.tracks) if not standing.supply[role].people]
    return Step(
        title=gettext("Bring the people in"),
        standing=ngettext("%(num)s participant", "%(num)s participants", standing.tally.total),
        done=not lacking,
        url=_url(programme, "imports.index", Permission.IMPORT_PARTICIPANTS),
        action=gettext("Import a list"),
        icon="upload",
    )


def _profiles(programme: ProgrammeView, standing: Standing) -> Step:
    number = standing.tally.incomplete
    complete = gettext("All profiles are complete")
    unfinished = ngettext("%(num)s profile is incomplete", "%(num)s profiles are incomplete", number)
    return Step(
        title=gettext("Have the profiles completed"),
        standing=unfinished if number else complete if standing.tally.total else "",
        done=bool(standing.tally.total) and not number,
        url=_url(programme, "participants.index", Permission.SEE_PARTICIPANTS, shown=Shown.INCOMPLETE.value),
        action=gettext("See who is missing"),
        icon="users",
        can_wait=True,
    )


def _criteria(programme: ProgrammeView, standing: Standing) -> Step:
    return Step(
        title=gettext("Decide what counts"),
        standing=gettext("Your own criteria are in force")
        if standing.criteria_read
        else gettext("Defaults are in force"),
        done=standing.criteria_read,
        url=_url(programme, "criteria.edit", Permission.EDIT_CRITERIA),
        action=gettext("Look at the criteria"),
        icon="sliders-horizontal",
        can_wait=True,
    )


def _round(programme: ProgrammeView, latest: RoundRow | None) -> Step:
    return Step(
        title=gettext("Make a round"),
        standing=gettext("Round %(number)s", number=latest.round.number) if latest else "",
        done=latest is not None,
        url=_url(programme, "rounds.index", Permission.SEE_ROUNDS),
        action=gettext("Go to the rounds"),
        icon="git-compare-arrows",
    )


def _run(programme: ProgrammeView, latest: RoundRow | None) -> Step:
    pairs = latest.pairs if latest else None
    return Step(
        title=gettext("Run the matching"),
        standing="" if pairs is None else ngettext("%(num)s pair", "%(num)s pairs", pairs),
        done=pairs is not None,
        url=_round_url(programme, latest),
        action=gettext("Run the matching"),
        icon="play",
    )


def _publish(programme: ProgrammeView, latest: RoundRow | None) -> Step:
    published = latest is not None and latest.round.state.value in _PUBLISHED
    waiting = latest.waiting if latest else 0
    return Step(
        title=gettext("Review and publish"),
        standing=ngettext("%(num)s answer is awaited", "%(num)s answers are awaited", waiting) if published else "",
        done=published,
        url=_round_url(programme, latest),
        action=gettext("Review the pairs"),
        icon="send",
    )


def _round_url(programme: ProgrammeView, latest: RoundRow | None) -> str | None:
    if latest is None:
        return None
    return _url(programme, "rounds.show", Permission.SEE_ROUNDS, number=latest.round.number)


def _url(programme: ProgrammeView, endpoint: str, permission: Permission, **values: Any) -> str | None:
    if not actor().may(permission, programme.id):
        return None
    return url_for(f"mentormatch.{endpoint}", programme=programme.slug, **values)
