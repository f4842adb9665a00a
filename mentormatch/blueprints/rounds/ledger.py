"""The ledger across rounds: who waited, who was matched with whom, and what it asked of each host."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

from babel.numbers import format_decimal
from flask import Response, make_response, render_template, request, send_file, url_for

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import page_number
from mentormatch.blueprints.request import actor, gettext, ngettext, speech, store
from mentormatch.blueprints.rounds import words
from mentormatch.blueprints.rounds.area import area
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.core.roles import Role
from mentormatch.queries import ledger as reading
from mentormatch.queries.ledger import HOST_ORDERS, INTERN_ORDERS, HostRow, InternRow, Outcome, Spread
from mentormatch.queries.ledger_sheet import STATES
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.review_lists import PAGE
from mentormatch.services import exports

_LONGEST_SEARCH = 80
_UNIT = 100

ORDERS: Mapping[str, str] = {
    "waiting": N_("Those who wait first"),
    "name": N_("By name"),
    "fit": N_("Lowest fit first"),
    "rounds": N_("Most rounds first"),
    "rematched": N_("Most often re-matched first"),
    "load": N_("Most interns now first"),
    "served": N_("Most interns in all first"),
    "declined": N_("Most declined first"),
    "free": N_("Most places left first"),
}
KINDS: Mapping[str, str] = {"proposed": "", "accepted": "green", "declined": "red", "expired": "amber", "ended": ""}


@dataclass(frozen=True, slots=True)
class Address:
    """Which side of the ledger is looked at, and how; what the address says wrongly is ignored."""

    programme: str
    track: Role
    side: str = "interns"
    order: str = "waiting"
    q: str = ""
    page: int = 1

    @classmethod
    def of(cls, programme: ProgrammeView, given: Mapping[str, str]) -> Address:
        """Read the address."""
        tracks = programme.tracks or (Role.MENTOR,)
        track = next((one for one in tracks if str(one) == given.get("track")), tracks[0])
        side = "hosts" if given.get("side") == "hosts" else "interns"
        orders = HOST_ORDERS if side == "hosts" else INTERN_ORDERS
        order = next((one for one in orders if one == given.get("order")), orders[0])
        return cls(programme.slug, track, side, order, given.get("q", "").strip()[:_LONGEST_SEARCH], page_number(given))

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return PAGE * max(0, self.page - 1)

    def to(self, page: int = 1, **changes: Any) -> str:
        """Return the path of the page with other values; another side begins its list anew."""
        fresh = {"order": "", "q": ""} if "side" in changes else {}
        there = replace(self, **{**fresh, **changes}, page=page)
        return url_for(
            "mentormatch.rounds.ledger",
            programme=there.programme,
            track=str(there.track),
            side=there.side,
            order=there.order or None,
            q=there.q or None,
            page=there.page if there.page > 1 else None,
        )


@area.get("/programmes/<programme>/rounds/ledger")
@guard(Permission.SEE_ROUNDS)
def ledger(programme: ProgrammeView) -> Response:
    """Show what published rounds gave each intern, or asked of each host."""
    here = Address.of(programme, request.args)
    listing = reading.hosts if here.side == "hosts" else reading.interns
    found: Any = listing(store(), programme.id, here.track, search=here.q, order=here.order, offset=here.offset)
    orders = HOST_ORDERS if here.side == "hosts" else INTERN_ORDERS
    answer = make_response(
        render_template(
            "mentormatch/rounds/ledger.html",
            programme=programme,
            here=here,
            tracks=[(one, gettext(TRACKS[one])) for one in programme.tracks or (Role.MENTOR,)],
            found=found,
            rows=[_host(row) if isinstance(row, HostRow) else _intern(row) for row in found.items],
            orders=[(one, gettext(ORDERS[one])) for one in orders],
            stats=_stats(reading.spread(store(), programme.id, here.track)),
        )
    )
    if request.headers.get("HX-Request"):
        said = ngettext("%(num)s person found", "%(num)s people found", found.total)
        answer.headers["HX-Trigger"] = json.dumps({"mm:say": {"value": said}})
    return answer


TRACKS: Mapping[Role, str] = {Role.MENTOR: N_("Mentors"), Role.ALUMNUS: N_("Alumni")}


def _stats(spread: Spread) -> list[tuple[str, object, str | None, str]]:
    mean = format_decimal(spread.mean, format="0.0", locale=speech().language)
    return [
        (gettext("Interns who wait"), words.number(spread.waiting), None, "amber" if spread.waiting else ""),
        (gettext("Most interns with one host"), words.number(spread.most), None, ""),
        (gettext("On average"), mean, None, ""),
        (gettext("Load gap"), words.number(spread.gap), None, ""),
    ]


def _intern(row: InternRow) -> dict[str, Any]:
    name = row.intern.name.full(speech().language)
    return {
        "id": row.intern.id,
        "name": name,
        "key": row.intern.name,
        "work": " ".join(row.intern.work),
        "rounds": row.rounds,
        "waits": waited(row.since) if row.waits and row.since else "",
        "settled": row.settled,
        "fit": None if row.points is None else round(row.points / _UNIT),
        "rematched": row.rematched,
        "outcomes": [_outcome(one) for one in row.outcomes],
    }


def waited(since: int) -> str:
    """Return since which round somebody has waited."""
    return gettext("waited since round %(number)s", number=since)


def _outcome(one: Outcome) -> dict[str, Any]:
    if one.host is None or one.state is None:
        return {"number": one.number, "text": gettext("nobody"), "kind": "amber", "state": "", "wish": ""}
    wish = "" if one.wish is None else gettext("wished for")
    return {
        "number": one.number,
        "text": one.host.name.full(speech().language),
        "state": gettext(STATES[one.state]),
        "kind": KINDS[one.state],
        "wish": gettext("choice %(rank)s", rank=one.wish) if one.wish else wish,
    }


def _host(row: HostRow) -> dict[str, Any]:
    capacity = row.host.capacity
    return {
        "id": row.host.id,
        "name": row.host.name.full(speech().language),
        "key": row.host.name,
        "work": " ".join(row.host.work),
        "load": row.load,
        "capacity": capacity,
        "share": 100 * row.load / capacity if capacity else 0,
        "served": row.served,
        "declined": row.declined,
        "expired": row.expired,
        "by_round": list(row.by_round.items()),
    }


@area.post("/programmes/<programme>/rounds/ledger/export")
@guard(Permission.SEE_ROUNDS)
def export_ledger(programme: ProgrammeView) -> Response:
    """Send the ledger as a file."""
    given = request.form
    file = exports.ledger(
        store(),
        actor=actor(),
        programme=programme,
        form=given.get("form", ""),
        side=given.get("side", ""),
        language=speech().language,
    )
    return send_file(BytesIO(file.content), mimetype=file.mimetype, as_attachment=True, download_name=file.name)
