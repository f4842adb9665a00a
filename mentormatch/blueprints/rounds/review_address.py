"""The address of the review page: which list of which run is looked at, and how; every link keeps the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import url_for

from mentormatch.core.roles import Role
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.review_lists import ORDERS, PAGE

TABS = ("pairs", "unmatched", "look", "hosts", "decisions", "answers")
SHOW = ("low", "close", "unwished", "pinned", "refused", "moved")
ANSWERS = ("proposed", "accepted", "declined", "expired", "ended")
LOWS = (70, 60, 50, 40, 30, 20)
_LONGEST_SEARCH = 80
_MOST_DIGITS = 15
_MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Address:
    """Where in the review somebody is.

    `low` is the fit below which a pair wants a look, 0 for what suits the run; `run` is the number of the run that is
    looked at, 0 for the one under review; `compare` that of the run beside it, 0 for the one before.
    """

    programme: str
    number: int
    tracks: tuple[Role, ...]
    track: Role
    tab: str = "pairs"
    show: str = ""
    sort: str = "fit"
    q: str = ""
    page: int = 1
    low: int = 0
    run: int = 0
    compare: int = 0

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return PAGE * (self.page - 1)

    @property
    def url(self) -> str:
        """The path of this very page."""
        return self.to(page=self.page)

    def to(self, page: int = 1, **changes: Any) -> str:
        """Return the path of the page with other values; a new tab or track begins its list anew."""
        fresh = {"show": "", "sort": "fit", "q": ""} if {"tab", "track", "run"} & changes.keys() else {}
        return replace(self, **{**fresh, **changes}, page=page)._path("review")  # noqa: SLF001 - of our own class

    def part(self, endpoint: str, **values: Any) -> str:
        """Return the path of another page of the review, which comes back to the same track and run."""
        return self._path(endpoint, kept=("track", "run"), **values)

    def _path(
        self,
        endpoint: str,
        kept: tuple[str, ...] = ("track", "tab", "show", "sort", "q", "page", "low", "run", "compare"),
        **values: Any,
    ) -> str:
        usual = Address(self.programme, self.number, self.tracks, self.tracks[0])
        query = {name: getattr(self, name) for name in kept if getattr(self, name) != getattr(usual, name)}
        return url_for(
            f"mentormatch.rounds.{endpoint}", programme=self.programme, number=self.number, **{**query, **values}
        )

    def fields(self) -> Mapping[str, str]:
        """Return what a form with GET must carry besides the search words."""
        kept = ("track", "tab", "show", "sort", "low", "run", "compare")
        usual = Address(self.programme, self.number, self.tracks, self.tracks[0])
        return {name: str(getattr(self, name)) for name in kept if getattr(self, name) != getattr(usual, name)}


def parse(programme: ProgrammeView, number: int, given: Mapping[str, str]) -> Address:
    """Read an address; what makes no sense reads as what is usual."""
    tracks = programme.tracks or (Role.MENTOR,)
    track = next((one for one in tracks if str(one) == given.get("track")), tracks[0])

    def one_of(name: str, allowed: tuple[str, ...], usual: str) -> str:
        found = given.get(name, usual)
        return found if found in allowed else usual

    tab = one_of("tab", TABS, "pairs")
    return Address(
        programme=programme.slug,
        number=number,
        tracks=tracks,
        track=track,
        tab=tab,
        show=one_of("show", ANSWERS if tab == "answers" else SHOW, ""),
        sort=one_of("sort", tuple(ORDERS), "fit"),
        q="".join(letter for letter in given.get("q", "") if letter.isprintable()).strip()[:_LONGEST_SEARCH],
        page=max(1, min(number_in(given.get("page"), 1), _MOST_PAGES)),
        low=number_in(given.get("low"), 0) if number_in(given.get("low"), 0) in LOWS else 0,
        run=number_in(given.get("run"), 0),
        compare=number_in(given.get("compare"), 0),
    )


def number_in(text: str | None, usual: int) -> int:
    """Return the whole number that a form or an address carries, or what is usual if it carries something else."""
    if text is None or len(text) > _MOST_DIGITS or not text.isascii() or not text.isdecimal():
        return usual
    return int(text)
