"""Roles a person can hold, in a programme and over the whole installation."""

from __future__ import annotations

from enum import StrEnum

from mentormatch.core.wording import Bilingual


class Role(StrEnum):
    """Roles of the policy table; the last three are enrolments, the rest are staff."""

    SYSTEM_ADMIN = "system_admin"
    PROGRAMME_ADMIN = "programme_admin"
    COORDINATOR = "coordinator"
    MENTOR = "mentor"
    INTERN = "intern"
    ALUMNUS = "alumnus"


PARTICIPANT_ROLES = (Role.INTERN, Role.MENTOR, Role.ALUMNUS)
STAFF_ROLES = (Role.PROGRAMME_ADMIN, Role.COORDINATOR)
HOST_ROLES = (Role.MENTOR, Role.ALUMNUS)
"""Those whom an intern is matched with: one track each."""

ROLE_LABELS = {
    Role.SYSTEM_ADMIN: Bilingual("System admin", "システム管理者"),
    Role.PROGRAMME_ADMIN: Bilingual("Programme admin", "プログラム管理者"),
    Role.COORDINATOR: Bilingual("Coordinator", "コーディネーター"),
    Role.MENTOR: Bilingual("Mentor", "メンター"),
    Role.INTERN: Bilingual("Intern", "インターン"),
    Role.ALUMNUS: Bilingual("Alumnus / alumna", "卒業生（OB・OG）"),
}
