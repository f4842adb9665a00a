"""Criteria and rules of a programme: the defaults, and what an admin makes of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select

from mentormatch.core.errors import Conflict, InvalidInput
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Actor, Permission, authorise
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.matching import criteria as matching
from mentormatch.models import Criterion, Enrolment, Programme, Rule
from mentormatch.models.base import AnySession, writing
from mentormatch.queries import criteria as reading
from mentormatch.services import audit

MOST_CRITERIA = 20
HEAVIEST = 100
LONGEST_LABEL = 80
DEAREST = matching.DEAREST
"""Points: the highest price of a rule."""

LABELS: Mapping[str, Bilingual] = {
    "goals": Bilingual("Goals and experience", "目標と経験"),
    "field": Bilingual("Field and industry", "業界・分野"),
    "learning": Bilingual("Wants to learn, can offer", "学びたいことと伝えられること"),
    "interests": Bilingual("Interests", "興味・趣味"),
    "schedule": Bilingual("Free time in common", "共通の空き時間"),
    "language": Bilingual("Languages", "使える言語"),
    "wishes": Bilingual("Wishes of both sides", "双方の希望"),
    "priority": Bilingual("What matters most to each", "本人がいちばん大切にする点"),
}
"""What the default criteria are called; an admin may rename them."""

ALWAYS = "not_same_person"
"""The rule that nobody can switch off: nobody is matched with themself."""


@dataclass(frozen=True, slots=True)
class CriterionInput:
    """A criterion as the page sends it; an empty `key` makes a new one."""

    key: str
    kind: str
    label: Bilingual
    intern_fields: tuple[str, ...]
    host_fields: tuple[str, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class RuleInput:
    """A rule as the page sends it; `key` is that of a rule of the programme."""

    key: str
    active: bool
    params: Mapping[str, Any]
    price: int | None = None


def install_defaults(session: AnySession, *, programme_id: int) -> None:
    """Write the default criteria and rules inside the caller's transaction, unless the programme has some already."""
    if session.scalar(select(Criterion.id).where(Criterion.programme_id == programme_id).limit(1)) is None:
        session.add_all(
            _row(programme_id, item.key, position, _default(item))
            for position, item in enumerate((*matching.DEFAULT_CRITERIA, *matching.WISH_CRITERIA))
        )
    present = set(session.scalars(select(Rule.kind).where(Rule.programme_id == programme_id)))
    wanted = {rule.kind: dict(rule.params) for rule in matching.DEFAULT_RULES}
    for position, (kind, spec) in enumerate(matching.RULE_KINDS.items()):
        if kind not in present:
            usual = {name: option.default for name, option in spec.parameters.items() if option.at_least is not None}
            params = wanted.get(kind, usual) if kind != "never_pairs" else {"pairs": []}
            active = kind in wanted or kind == "never_pairs"
            session.add(
                Rule(programme_id=programme_id, key=kind, kind=kind, params=params, active=active, position=position)
            )
    session.flush()


def _default(item: matching.Criterion) -> CriterionInput:
    label = LABELS[item.key]
    return CriterionInput(item.key, item.kind, label, item.intern_fields, item.host_fields, int(item.weight))


def _row(programme_id: int, key: str, position: int, given: CriterionInput) -> Criterion:
    row = Criterion(programme_id=programme_id, key=key)
    _fill(row, position, given)
    return row


def _fill(row: Criterion, position: int, given: CriterionInput) -> None:
    row.kind, row.weight, row.position = given.kind, given.weight, position
    row.label_en, row.label_ja = given.label.en, given.label.ja
    row.intern_fields, row.host_fields = list(given.intern_fields), list(given.host_fields)


def save(
    session: AnySession,
    *,
    actor: Actor,
    programme_id: int,
    seen: str,
    criteria: Sequence[CriterionInput],
    rules: Sequence[RuleInput],
) -> None:
    """Replace the criteria and set the rules of a programme, all at once.

    Parameters
    ----------
    seen:
        `Setting.seen` of the page that is sent: what the admin looked at.

    Raises
    ------
    InvalidInput
        A label, weight, field or parameter cannot be used; `field` is ``criteria-<index>-<name>`` or ``rule-<key>``.
    Conflict
        Somebody else has saved in between.
    """
    with writing(session):
        authorise(actor, Permission.EDIT_CRITERIA, programme_id)
        # The programme's row is the lock: on PostgreSQL two admins queue up here, on SQLite they already do.
        programme = session.scalars(select(Programme).where(Programme.id == programme_id).with_for_update()).one()
        before = reading.setting(session, programme_id)
        if before.seen != seen:
            raise Conflict(
                "Somebody else has changed the criteria since you opened this page. "
                "Nothing of yours was saved; look at theirs first."
            )
        checked = _check_criteria(criteria, [Role(track) for track in programme.tracks], actor.language)
        _check_rules(session, programme_id, before, rules)
        _replace(session, programme_id, checked)
        _set_rules(session, programme_id, rules)
        session.flush()
        _record(session, actor, programme_id, reading.setting(session, programme_id))


def _record(session: AnySession, actor: Actor, programme_id: int, after: reading.Setting) -> None:
    audit.record(
        session,
        actor=actor,
        action="criteria.saved",
        subject=f"programme:{programme_id}",
        programme_id=programme_id,
        weights={item.key: item.weight for item in after.criteria},
        rules={rule.key: rule.params for rule in after.rules if rule.active},
        prices={rule.key: rule.price for rule in after.rules if rule.active and rule.price is not None},
    )


def _replace(session: AnySession, programme_id: int, criteria: Sequence[CriterionInput]) -> None:
    kept = {item.key for item in criteria if item.key}
    gone = delete(Criterion).where(Criterion.programme_id == programme_id, Criterion.key.not_in(kept))
    session.execute(gone.execution_options(synchronize_session=False))
    rows = {row.key: row for row in session.scalars(select(Criterion).where(Criterion.programme_id == programme_id))}
    for position, given in enumerate(criteria):
        if given.key in rows:
            _fill(rows[given.key], position, given)
        else:
            session.add(_row(programme_id, f"{given.kind}_{secrets.token_hex(4)}", position, given))


def _set_rules(session: AnySession, programme_id: int, rules: Sequence[RuleInput]) -> None:
    rows = {rule.key: rule for rule in session.scalars(select(Rule).where(Rule.programme_id == programme_id))}
    for given in rules:
        rule = rows[given.key]
        rule.active, rule.params, rule.price = given.active or rule.kind == ALWAYS, dict(given.params), given.price


def _check_criteria(given: Sequence[CriterionInput], tracks: Sequence[Role], language: str) -> list[CriterionInput]:
    """Return the criteria with clean labels, or complain about the first that cannot be used."""
    if not 1 <= len(given) <= MOST_CRITERIA:
        message = N_("Keep between 1 and %(most)s criteria; found %(found)s.")
        raise InvalidInput(message, field="criteria", most=MOST_CRITERIA, found=len(given))
    kinds = {choice.kind: choice for choice in reading.kinds(tracks)}
    checked = []
    for index, item in enumerate(given):
        label = Bilingual(
            item.label.en.strip() or item.label.ja.strip(), item.label.ja.strip() or item.label.en.strip()
        )
        if not label.en or max(len(label.en), len(label.ja)) > LONGEST_LABEL:
            message = N_("Give criterion %(number)s a name of at most %(longest)s letters, in one language at least.")
            raise InvalidInput(message, field=f"criteria-{index}-label_en", number=index + 1, longest=LONGEST_LABEL)
        if not 0 <= item.weight <= HEAVIEST:
            message = N_("%(name)s: expected a weight from 0 to %(heaviest)s, found %(found)s.")
            name = f"criteria-{index}-weight"
            raise InvalidInput(message, field=name, name=label.to(language), heaviest=HEAVIEST, found=item.weight)
        mine, theirs = _check_fields(index, label.to(language), item, kinds)
        checked.append(CriterionInput(item.key, item.kind, label, mine, theirs, item.weight))
    if not any(item.weight for item in checked if item.kind not in matching.STATED_KINDS):
        raise InvalidInput("At least one criterion needs a weight above zero.", field="criteria-0-weight")
    return checked


def _check_fields(
    index: int, label: str, item: CriterionInput, kinds: Mapping[str, reading.KindChoice]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the fields of a criterion, or complain; those of what people say to the office alone are given."""
    if item.kind in matching.STATED_KINDS and item.key:
        return (item.kind,), (item.kind,)
    if item.kind not in kinds:
        message = N_("%(name)s: choose one of the comparisons on offer.")
        raise InvalidInput(message, field=f"criteria-{index}-kind", name=label)
    choice = kinds[item.kind]
    for side, chosen, offered in (
        ("intern_fields", item.intern_fields, choice.intern_fields),
        ("host_fields", item.host_fields, choice.host_fields),
    ):
        if not chosen or not set(chosen) <= {field.key for field in offered}:
            message = N_("%(name)s: choose at least one field that this comparison can read, on each side.")
            raise InvalidInput(message, field=f"criteria-{index}-{side}", name=label)
    return item.intern_fields, item.host_fields


def _check_rules(session: AnySession, programme_id: int, before: reading.Setting, given: Sequence[RuleInput]) -> None:
    known = {rule.key: rule for rule in before.rules}
    for item in given:
        if item.key not in known:
            raise InvalidInput("There is no such rule in this programme.", field="rules")
        kind = known[item.key].kind
        matching.Rule(item.key, kind, item.params, price=item.price)  # complains about what it cannot use
        if kind == "shared_language" and item.params.get("min_level") not in {1, 2, 3, 4}:
            raise InvalidInput("Choose a language level from the list.", field=f"rule-{item.key}")
        if kind == "shared_hours" and not 1 <= int(item.params.get("minutes", 0)) <= 7 * 24 * 60:
            message = N_("Common free time: expected minutes a week between 1 and 10080.")
            raise InvalidInput(message, field=f"rule-{item.key}")
        if kind == "never_pairs":
            _check_never(session, programme_id, item)


def _check_never(session: AnySession, programme_id: int, item: RuleInput) -> None:
    pairs = item.params.get("pairs", [])
    enrolled = set(session.scalars(select(Enrolment.person_id).where(Enrolment.programme_id == programme_id)))
    for pair in pairs:
        if len(pair) != 2 or len(set(pair)) != 2 or not set(pair) <= enrolled:  # noqa: PLR2004 - a pair is two
            message = N_("Never these two: choose two different people of this programme.")
            raise InvalidInput(message, field=f"rule-{item.key}")
