"""The ledger as a spreadsheet: one row for each intern, or each host, and track."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mentormatch.core.i18n import N_, Speech
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import Store, ledger
from mentormatch.queries.ledger import HostRow, InternRow, Outcome
from mentormatch.queries.review_lists import PersonLine
from mentormatch.sheets.writing import Cell

_INTERNS = (
    N_("Role"),
    N_("Intern"),
    N_("Faculty and year"),
    N_("Rounds taken part in"),
    N_("Rounds without anybody"),
    N_("Has waited since round"),
    N_("Has somebody now"),
    N_("Mean fit"),
    N_("Times re-matched"),
    N_("Course"),
)
_HOSTS = (
    N_("Role"),
    N_("Partner"),
    N_("Organisation and position"),
    N_("Places"),
    N_("Interns now"),
    N_("Places left"),
    N_("Interns in all"),
    N_("Declined"),
    N_("Answer never came"),
    N_("Interns by round"),
)
STATES = {
    "proposed": N_("No answer yet"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "expired": N_("Answer never came"),
    "ended": N_("Ended"),
}
_UNIT = 100


def heading(side: str, said: Speech) -> list[str]:
    """Return the headings; `side` is interns or hosts."""
    return [said.gettext(text) for text in (_INTERNS if side == "interns" else _HOSTS)]


def rows(store: Store, programme_id: int, tracks: Iterable[Role], side: str, said: Speech) -> Iterator[list[Cell]]:
    """Yield the cells of each row, track by track, in the order of names."""
    for track in tracks:
        label = ROLE_LABELS[track].to(said.language)
        if side == "interns":
            for intern in ledger.interns(store, programme_id, track, order="name", limit=None).items:
                yield [label, *_intern(intern, said)]
        else:
            for host in ledger.hosts(store, programme_id, track, order="name", limit=None).items:
                yield [label, *_host(host, said)]


def _person(found: PersonLine, said: Speech) -> tuple[str, str]:
    return found.name.full(said.language), " ".join(found.work)


def _intern(row: InternRow, said: Speech) -> list[Cell]:
    return [
        *_person(row.intern, said),
        row.rounds,
        row.alone,
        row.since if row.waits else None,
        said.gettext("yes") if row.settled else said.gettext("no"),
        None if row.points is None else round(row.points / _UNIT),
        row.rematched,
        "; ".join(f"{one.number}: {_outcome(one, said)}" for one in row.outcomes),
    ]


def _outcome(one: Outcome, said: Speech) -> str:
    if one.host is None or one.state is None:
        return said.gettext("nobody")
    return f"{one.host.name.full(said.language)} ({said.gettext(STATES[one.state])})"


def _host(row: HostRow, said: Speech) -> list[Cell]:
    return [
        *_person(row.host, said),
        row.host.capacity,
        row.load,
        row.free,
        row.served,
        row.declined,
        row.expired,
        "; ".join(f"{number}: {interns}" for number, interns in row.by_round.items()),
    ]
