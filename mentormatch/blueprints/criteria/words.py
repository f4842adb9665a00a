"""Comparisons and rules in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.fields import BY_KEY
from mentormatch.core.i18n import N_

KINDS: Mapping[str, tuple[str, str, str]] = {
    "text": (
        N_("Similar texts"),
        N_("Words and phrases that both sides use. Each text is compared with each, and the most similar count most."),
        "quote",
    ),
    "tags": (N_("The same entries"), N_("How much of what one lists the other lists too."), "tag"),
    "complement": (
        N_("Wants and offers"),
        N_("How much of what the intern wants the other side can offer."),
        "handshake",
    ),
    "ordinal": (N_("Close on a scale"), N_("The nearer the two numbers, the better."), "scale"),
    "hours": (N_("Free time in common"), N_("Minutes a week in which both are free; three hours are plenty."), "clock"),
    "languages": (
        N_("Languages in common"),
        N_("The best language they share, by the weaker one's level."),
        "languages",
    ),
    "equality": (N_("The same answer"), N_("All the points or none."), "check"),
    "wishes": (
        N_("Wishes of both sides"),
        N_(
            "A first choice of both gives all the points, of one side alone half of them, a later one fewer. It counts "
            "where somebody has stated a wish. Participants are never told."
        ),
        "star",
    ),
    "priority": (
        N_("What matters most to each"),
        N_(
            "The criterion that somebody has named counts once more for them; who names none gets the average of all. "
            "It counts where somebody has named one."
        ),
        "target",
    ),
}
"""Kind of comparison -> name, what it does, icon."""

RULES: Mapping[str, tuple[str, str]] = {
    "shared_language": (
        N_("A language in common"),
        N_("Both speak some language at this level or above. Who has not answered is let through."),
    ),
    "shared_hours": (
        N_("Free time in common"),
        N_("Both are free at the same time for so many minutes a week. Who has not answered is let through."),
    ),
    "not_supervisor": (N_("Not one's own supervisor"), N_("A mentor must not be the intern's boss.")),
    "not_same_company": (
        N_("Not from the same company"),
        N_("Leave this off where mentors work in the very company that takes the intern."),
    ),
    "not_same_person": (
        N_("Nobody with themself"),
        N_("Somebody who is intern and mentor at once never gets themself."),
    ),
    "never_pairs": (
        N_("Never these two"),
        N_("Whichever of them is the intern. Only admins see this list; nobody is told."),
    ),
    "asked_not_to": (
        N_("Somebody asked not to"),
        N_("Who says “please not” about somebody is not matched with them. Only admins see it; nobody is told."),
    ),
}
"""Kind of rule -> name, what it does."""


def fields_in_words(keys: Iterable[str]) -> str:
    """Return the names of fields as one phrase."""
    language = speech().language
    joint = "、" if language == "ja" else ", "
    return joint.join(BY_KEY[key].label.to(language) for key in keys if key in BY_KEY)


def kind_words(kind: str) -> tuple[str, str, str]:
    """Return name, explanation and icon of a comparison."""
    name, told, icon = KINDS[kind]
    return gettext(name), gettext(told), icon


def rule_words(kind: str) -> tuple[str, str]:
    """Return name and explanation of a rule."""
    name, told = RULES[kind]
    return gettext(name), gettext(told)
