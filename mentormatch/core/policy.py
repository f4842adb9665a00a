"""Who may do what: the one table of permissions, and the actor that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from mentormatch.core.errors import NotFound, NotPermitted, SignInRequired
from mentormatch.core.names import Name
from mentormatch.core.roles import PARTICIPANT_ROLES, Role
from mentormatch.core.wording import Language


class Permission(StrEnum):
    """What a route or a service asks for. Each route names exactly one."""

    # anybody, signed in or not
    VISIT = "visit"
    # any signed-in person
    USE_OWN_ACCOUNT = "use_own_account"
    # within one programme
    SEE_PARTICIPANTS = "see_participants"
    EDIT_PARTICIPANTS = "edit_participants"
    IMPORT_PARTICIPANTS = "import_participants"
    EDIT_PROGRAMME = "edit_programme"
    EDIT_CRITERIA = "edit_criteria"
    SEE_WISHES = "see_wishes"
    SEE_ROUNDS = "see_rounds"
    RUN_ROUNDS = "run_rounds"
    PUBLISH_ROUNDS = "publish_rounds"
    SIGN_OFF_ROUNDS = "sign_off_rounds"
    SEE_AUDIT = "see_audit"
    EDIT_OWN_PROFILE = "edit_own_profile"
    STATE_OWN_WISHES = "state_own_wishes"
    SEE_OWN_MATCHES = "see_own_matches"
    ANSWER_OWN_MATCHES = "answer_own_matches"
    # over the whole installation
    CREATE_PROGRAMMES = "create_programmes"


_ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.PROGRAMME_ADMIN})
_STAFF = _ADMINS | {Role.COORDINATOR}
_PARTICIPANTS = frozenset(PARTICIPANT_ROLES)

POLICY: Mapping[Permission, frozenset[Role]] = {
    Permission.SEE_PARTICIPANTS: _STAFF,
    Permission.EDIT_PARTICIPANTS: _ADMINS,
    Permission.IMPORT_PARTICIPANTS: _ADMINS,
    Permission.EDIT_PROGRAMME: _ADMINS,
    Permission.EDIT_CRITERIA: _ADMINS,
    Permission.SEE_WISHES: _ADMINS,
    Permission.SEE_ROUNDS: _ADMINS,
    Permission.RUN_ROUNDS: _ADMINS,
    Permission.PUBLISH_ROUNDS: _ADMINS,
    Permission.SIGN_OFF_ROUNDS: _STAFF,
    Permission.SEE_AUDIT: _ADMINS,
    Permission.EDIT_OWN_PROFILE: _PARTICIPANTS,
    Permission.STATE_OWN_WISHES: _PARTICIPANTS,
    Permission.SEE_OWN_MATCHES: _PARTICIPANTS,
    Permission.ANSWER_OWN_MATCHES: _PARTICIPANTS,
    Permission.CREATE_PROGRAMMES: frozenset({Role.SYSTEM_ADMIN}),
}
"""Roles that hold each permission. `VISIT` and `USE_OWN_ACCOUNT` need no role and are not listed."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, with the roles held in each programme (by programme id).

    The actor is loaded once per request; a service receives it and never asks the database who is acting.
    """

    person_id: int
    email: str
    name: Name
    language: Language
    timezone: str
    system_admin: bool = False
    roles: Mapping[int, frozenset[Role]] = field(default_factory=dict)

    def roles_in(self, programme_id: int | None) -> frozenset[Role]:
        """Return the roles that count for something in the programme, or installation-wide for None."""
        own = self.roles.get(programme_id, frozenset()) if programme_id is not None else frozenset()
        return own | {Role.SYSTEM_ADMIN} if self.system_admin else own

    def may(self, permission: Permission, programme_id: int | None = None) -> bool:
        """Tell whether the actor holds `permission` in the programme."""
        if permission in {Permission.VISIT, Permission.USE_OWN_ACCOUNT}:
            return True
        return bool(POLICY[permission] & self.roles_in(programme_id))


def authorise(actor: Actor | None, permission: Permission, programme_id: int | None = None) -> None:
    """Let pass or refuse.

    Raises
    ------
    SignInRequired
        Nobody is signed in and the permission is not for visitors.
    NotFound
        The actor has nothing to do with the programme: whether it exists is not told.
    NotPermitted
        The actor belongs to the programme, and holds no role that may do this.
    """
    if permission is Permission.VISIT:
        return
    if actor is None:
        raise SignInRequired("Please sign in to continue.")
    if actor.may(permission, programme_id):
        return
    if programme_id is not None and not actor.roles_in(programme_id):
        raise NotFound("There is nothing here, or it is not for you to see.")
    raise NotPermitted("Your role does not allow this.")
