"""The texts of everything that can be said about a row, and whether it keeps the row from being imported."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from mentormatch.core.i18n import N_


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
            N_("Email address missing"), N_("Row %(row)s, %(column)s: expected an email address, found nothing.")
        ),
        "email_full_width": Wording(
            N_("Email address in full-width letters"),
            N_("Row %(row)s, %(column)s: expected name@domain, found “%(found)s” (full-width letters)."),
        ),
        "email_form": Wording(
            N_("Email address looks wrong"), N_("Row %(row)s, %(column)s: expected name@domain, found “%(found)s”.")
        ),
        "email_letters": Wording(
            N_("Email address with unusual letters"),
            N_(
                "Row %(row)s, %(column)s: expected Latin letters and digits, found “%(found)s” "
                "(some only look like them)."
            ),
        ),
        "email_several": Wording(
            N_("More than one email address"), N_("Row %(row)s, %(column)s: expected one address, found “%(found)s”.")
        ),
        "name_missing": Wording(N_("Name missing"), N_("Row %(row)s: expected a name, found nothing.")),
        "role_missing": Wording(
            N_("Role missing"), N_("Row %(row)s: expected intern, mentor or alumni, found nothing.")
        ),
        "not_in_list": Wording(N_("Not in the list"), N_("Row %(row)s, %(column)s: “%(found)s” is not in the list.")),
        "number_form": Wording(
            N_("Not a number"), N_("Row %(row)s, %(column)s: expected a number such as 2, found “%(found)s”.")
        ),
        "number_range": Wording(
            N_("Number out of range"),
            N_("Row %(row)s, %(column)s: expected a number from %(lowest)s to %(highest)s, found “%(found)s”."),
        ),
        "minimum_above_places": Wording(
            N_("Minimum larger than places"),
            N_("Row %(row)s, %(column)s: expected at most %(highest)s (the places), found “%(found)s”."),
        ),
        "year_form": Wording(
            N_("Not a year"), N_("Row %(row)s, %(column)s: expected a year such as 2015, found “%(found)s”.")
        ),
        "too_long": Wording(
            N_("Text too long"), N_("Row %(row)s, %(column)s: expected at most %(limit)s characters, found %(length)s.")
        ),
        "lost_characters": Wording(
            N_("Characters destroyed"),
            N_(
                "Row %(row)s, %(column)s: an earlier conversion destroyed characters of “%(found)s”. "
                "Type the cell again."
            ),
        ),
        "stacked_marks": Wording(
            N_("Too many marks on a letter"),
            N_("Row %(row)s, %(column)s: “%(found)s” piles marks on one letter. Type the cell again."),
        ),
        "excel_error": Wording(
            N_("Excel error in a cell"),
            N_("Row %(row)s, %(column)s: expected a value, found the Excel error “%(found)s”."),
        ),
        "extra_cells": Wording(
            N_("More cells than the header"),
            N_(
                "Row %(row)s: expected %(expected)s cells, found “%(found)s” beyond them. "
                "A cell with a comma needs quotation marks."
            ),
        ),
        "duplicate": Wording(
            N_("Same person twice"), N_("Row %(row)s repeats row %(other)s (same email address “%(found)s”).")
        ),
        # -- the row is imported; a person may want to know
        "several_roles": _warning(
            N_("One person in several roles"),
            N_("Row %(row)s: the same person as row %(other)s (“%(found)s”) in another role. Both roles are kept."),
        ),
        "same_mailbox": _warning(
            N_("Perhaps the same person twice"),
            N_("Row %(row)s: “%(found)s” may reach the same mailbox as row %(other)s."),
        ),
        "name_differs": _warning(
            N_("Known under another name"),
            N_("Row %(row)s: “%(found)s” is registered here as %(known)s. The name will be changed."),
        ),
        "name_unsplit": _warning(
            N_("Family and given name not divided"),
            N_("Row %(row)s, %(column)s: expected a space between family and given name, found “%(found)s”."),
        ),
        "name_guessed": _warning(
            N_("Please check how the name was divided"),
            N_("Row %(row)s, %(column)s: “%(found)s” is read as family name “%(family)s”, given name “%(given)s”."),
        ),
        "kana_unsplit": _warning(
            N_("Reading not divided"),
            N_("Row %(row)s, %(column)s: expected a space between family and given name, found “%(found)s”."),
        ),
        "kana_letters": _warning(
            N_("Reading not in kana"),
            N_("Row %(row)s, %(column)s: expected kana, found “%(found)s”. The reading stays empty."),
        ),
        "romaji_letters": _warning(
            N_("Not in Latin letters"),
            N_("Row %(row)s, %(column)s: expected Latin letters, found “%(found)s”. The field stays empty."),
        ),
        "number_between": _warning(
            N_("A range of numbers"), N_("Row %(row)s, %(column)s: “%(found)s” is read as %(taken)s.")
        ),
        "year_read_as": _warning(
            N_("Please check the year"), N_("Row %(row)s, %(column)s: “%(found)s” is read as %(taken)s.")
        ),
        "level_assumed": _warning(
            N_("Language without a level"),
            N_(
                "Row %(row)s, %(column)s: “%(found)s” names no level. The first language is read as business level, "
                "others as conversational."
            ),
        ),
        "language_unread": _warning(
            N_("Language not understood"), N_("Row %(row)s, %(column)s: “%(part)s” is not understood and is left out.")
        ),
        "hours_assumed": _warning(
            N_("Free time without hours"),
            N_(
                "Row %(row)s, %(column)s: “%(found)s” gives no full span. "
                "A day is read as 9:00–21:00, a single time as one hour."
            ),
        ),
        "days_assumed": _warning(
            N_("Free time without days"),
            N_("Row %(row)s, %(column)s: “%(found)s” names no day and is read as Monday to Friday."),
        ),
        "hours_unread": _warning(
            N_("Free time not understood"),
            N_(
                "Row %(row)s, %(column)s: “%(part)s” is not understood and is left out. "
                "Expected something like “Fri 18:00-20:00”."
            ),
        ),
        "career_unread": _warning(
            N_("Career not understood"),
            N_(
                "Row %(row)s, %(column)s: “%(part)s” is not understood and is left out. "
                "Expected “2016-2019 Organisation, position”."
            ),
        ),
        "not_for_role": _warning(
            N_("Not asked of this role"),
            N_("Row %(row)s, %(column)s: “%(found)s” is not asked of this role and is left out."),
        ),
        "example_row": _warning(N_("Example row"), N_("Row %(row)s is marked as an example and is left out.")),
    }
)
