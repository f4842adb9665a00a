"""The texts of everything that can be said about a row, and whether it keeps the row from being imported."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Wording:
    """`title` heads a group of rows; `line` tells one of them; both are English gettext keys.

    A line knows row, column, found, and the fields of its finding.
    """

    title: str
    line: str
    blocks: bool = True


def _warning(title: str, line: str) -> Wording:
    return Wording(title, line, blocks=False)


WORDINGS = MappingProxyType(
    {
        # -- the row is not imported until it is mended or left out
        "email_missing": Wording(
            "Email address missing", "Row %(row)s, %(column)s: expected an email address, found nothing."
        ),
        "email_full_width": Wording(
            "Email address in full-width letters",
            "Row %(row)s, %(column)s: expected name@domain, found “%(found)s” (full-width letters).",
        ),
        "email_form": Wording(
            "Email address looks wrong", "Row %(row)s, %(column)s: expected name@domain, found “%(found)s”."
        ),
        "email_letters": Wording(
            "Email address with unusual letters",
            "Row %(row)s, %(column)s: expected Latin letters and digits, found “%(found)s” (some only look like them).",
        ),
        "email_several": Wording(
            "More than one email address", "Row %(row)s, %(column)s: expected one address, found “%(found)s”."
        ),
        "name_missing": Wording("Name missing", "Row %(row)s: expected a name, found nothing."),
        "role_missing": Wording("Role missing", "Row %(row)s: expected intern, mentor or alumni, found nothing."),
        "not_in_list": Wording("Not in the list", "Row %(row)s, %(column)s: “%(found)s” is not in the list."),
        "number_form": Wording(
            "Not a number", "Row %(row)s, %(column)s: expected a number such as 2, found “%(found)s”."
        ),
        "number_range": Wording(
            "Number out of range",
            "Row %(row)s, %(column)s: expected a number from %(lowest)s to %(highest)s, found “%(found)s”.",
        ),
        "minimum_above_places": Wording(
            "Minimum larger than places",
            "Row %(row)s, %(column)s: expected at most %(highest)s (the places), found “%(found)s”.",
        ),
        "year_form": Wording("Not a year", "Row %(row)s, %(column)s: expected a year such as 2015, found “%(found)s”."),
        "too_long": Wording(
            "Text too long", "Row %(row)s, %(column)s: expected at most %(limit)s characters, found %(length)s."
        ),
        "lost_characters": Wording(
            "Characters destroyed",
            "Row %(row)s, %(column)s: an earlier conversion destroyed characters of “%(found)s”. Type the cell again.",
        ),
        "stacked_marks": Wording(
            "Too many marks on a letter",
            "Row %(row)s, %(column)s: “%(found)s” piles marks on one letter. Type the cell again.",
        ),
        "excel_error": Wording(
            "Excel error in a cell", "Row %(row)s, %(column)s: expected a value, found the Excel error “%(found)s”."
        ),
        "extra_cells": Wording(
            "More cells than the header",
            "Row %(row)s: expected %(expected)s cells, found “%(found)s” beyond them. "
            "A cell with a comma needs quotation marks.",
        ),
        "duplicate": Wording(
            "Same person twice", "Row %(row)s repeats row %(other)s (same email address “%(found)s”)."
        ),
        # -- the row is imported; a person may want to know
        "several_roles": _warning(
            "One person in several roles",
            "Row %(row)s: the same person as row %(other)s (“%(found)s”) in another role. Both roles are kept.",
        ),
        "same_mailbox": _warning(
            "Perhaps the same person twice", "Row %(row)s: “%(found)s” may reach the same mailbox as row %(other)s."
        ),
        "name_differs": _warning(
            "Known under another name",
            "Row %(row)s: “%(found)s” is registered here as %(known)s. The name will be changed.",
        ),
        "name_unsplit": _warning(
            "Family and given name not divided",
            "Row %(row)s, %(column)s: expected a space between family and given name, found “%(found)s”.",
        ),
        "name_guessed": _warning(
            "Please check how the name was divided",
            "Row %(row)s, %(column)s: “%(found)s” is read as family name “%(family)s”, given name “%(given)s”.",
        ),
        "kana_unsplit": _warning(
            "Reading not divided",
            "Row %(row)s, %(column)s: expected a space between family and given name, found “%(found)s”.",
        ),
        "kana_letters": _warning(
            "Reading not in kana", "Row %(row)s, %(column)s: expected kana, found “%(found)s”. The reading stays empty."
        ),
        "romaji_letters": _warning(
            "Not in Latin letters",
            "Row %(row)s, %(column)s: expected Latin letters, found “%(found)s”. The field stays empty.",
        ),
        "number_between": _warning("A range of numbers", "Row %(row)s, %(column)s: “%(found)s” is read as %(taken)s."),
        "year_read_as": _warning("Please check the year", "Row %(row)s, %(column)s: “%(found)s” is read as %(taken)s."),
        "level_assumed": _warning(
            "Language without a level",
            "Row %(row)s, %(column)s: “%(found)s” names no level. The first language is read as business level, "
            "others as conversational.",
        ),
        "language_unread": _warning(
            "Language not understood", "Row %(row)s, %(column)s: “%(part)s” is not understood and is left out."
        ),
        "hours_assumed": _warning(
            "Free time without hours",
            "Row %(row)s, %(column)s: “%(found)s” gives no full span. "
            "A day is read as 9:00–21:00, a single time as one hour.",
        ),
        "days_assumed": _warning(
            "Free time without days",
            "Row %(row)s, %(column)s: “%(found)s” names no day and is read as Monday to Friday.",
        ),
        "hours_unread": _warning(
            "Free time not understood",
            "Row %(row)s, %(column)s: “%(part)s” is not understood and is left out. "
            "Expected something like “Fri 18:00-20:00”.",
        ),
        "career_unread": _warning(
            "Career not understood",
            "Row %(row)s, %(column)s: “%(part)s” is not understood and is left out. "
            "Expected “2016-2019 Organisation, position”.",
        ),
        "not_for_role": _warning(
            "Not asked of this role", "Row %(row)s, %(column)s: “%(found)s” is not asked of this role and is left out."
        ),
        "example_row": _warning("Example row", "Row %(row)s is marked as an example and is left out."),
    }
)
