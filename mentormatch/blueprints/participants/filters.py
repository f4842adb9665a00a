"""What the list of participants is narrowed to, as its address says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import url_for

from mentormatch.blueprints.redirects import page_number
from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.i18n import N_
from mentormatch.core.roles import PARTICIPANT_ROLES, ROLE_LABELS, Role
from mentormatch.queries.participants import Page, Shown, Tally

_LONGEST_SEARCH = 100
_LABELS = {Shown.INCOMPLETE: N_("Profile incomplete"), Shown.PAUSED: N_("Paused"), Shown.WITHDRAWN: N_("Withdrawn")}


@dataclass(frozen=True, slots=True)
class Filters:
    """Role, state, words and page; what the address says wrongly is ignored."""

    role: Role | None = None
    shown: Shown = Shown.ALL
    search: str = ""
    page: int = 1

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """Read the filters from the address."""
        return cls(
            role=next((role for role in PARTICIPANT_ROLES if role.value == given.get("role")), None),
            shown=next((shown for shown in Shown if shown.value == given.get("shown")), Shown.ALL),
            search=given.get("q", "").strip()[:_LONGEST_SEARCH],
            page=page_number(given),
        )

    @property
    def are_set(self) -> bool:
        """Whether anything but the page is chosen."""
        return replace(self, page=1) != Filters()

    def url(self, programme: str) -> str:
        """Return the address that says so."""
        return url_for(
            "mentormatch.participants.index",
            programme=programme,
            role=self.role and self.role.value,
            shown=self.shown.value if self.shown is not Shown.ALL else None,
            q=self.search or None,
            page=self.page if self.page > 1 else None,
        )

    def role_chips(self, programme: str, tally: Tally) -> list[dict[str, object]]:
        """Return a chip for each role; pressing the one that is on switches it off."""
        return [
            {
                "url": replace(self, role=None if role is self.role else role, page=1).url(programme),
                "label": ROLE_LABELS[role].to(speech().language),
                "count": tally.roles[role],
                "on": role is self.role,
            }
            for role in PARTICIPANT_ROLES
        ]

    def state_chips(self, programme: str, tally: Tally) -> list[dict[str, object]]:
        """Return a chip for each group that needs a look and is not empty, and for the one that is on."""
        counts = {Shown.INCOMPLETE: tally.incomplete, Shown.PAUSED: tally.paused, Shown.WITHDRAWN: tally.withdrawn}
        return [
            {
                "url": replace(self, shown=Shown.ALL if shown is self.shown else shown, page=1).url(programme),
                "label": gettext(_LABELS[shown]),
                "count": number,
                "on": shown is self.shown,
            }
            for shown, number in counts.items()
            if number or shown is self.shown
        ]

    def before(self, programme: str, found: Page) -> str | None:
        """Return the address of the page before, or None."""
        number = self._number(found)
        return replace(self, page=number - 1).url(programme) if number > 1 else None

    def after(self, programme: str, found: Page) -> str | None:
        """Return the address of the page after, or None."""
        return replace(self, page=self._number(found) + 1).url(programme) if found.last < found.total else None

    def _number(self, found: Page) -> int:
        return (found.first - 1) // found.size + 1
