"""Criteria and rules: the defaults, what may be saved, the page, the sample."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from mentormatch.core.errors import Conflict, InvalidInput, NotFound
from mentormatch.core.fields import BY_KEY
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual
from mentormatch.matching.criteria import DEFAULT_CRITERIA, RULE_KINDS, WISH_CRITERIA
from mentormatch.models import AuditEvent, Criterion, Person, Rule
from mentormatch.queries import criteria as reading
from mentormatch.queries import samples
from mentormatch.services import criteria
from mentormatch.services.criteria import CriterionInput, RuleInput
from tests.factories import a_client, a_programme, post
from tests.integration.rounds_world import a_small_world, a_world

FIELD = CriterionInput("", "tags", Bilingual("Field", "分野"), ("industries",), ("industries",), 30)


@pytest.fixture
def world(session):
    return a_world(session, ("mentor", "alumnus"))


def save(world, listed, rules=(), seen=None):
    now = reading.setting(world.session, world.programme.id).seen
    criteria.save(
        world.session,
        actor=world.admin,
        programme_id=world.programme.id,
        seen=seen or now,
        criteria=listed,
        rules=rules,
    )


def test_the_defaults_are_written_once_with_names_in_both_languages(session):
    programme = a_programme(session)
    for _ in range(2):
        criteria.install_defaults(session, programme_id=programme.id)
    session.commit()
    found = reading.setting(session, programme.id)
    assert [item.key for item in found.criteria] == [item.key for item in (*DEFAULT_CRITERIA, *WISH_CRITERIA)]
    assert all(item.label.en and item.label.ja for item in found.criteria)
    assert sum(item.share for item in found.criteria) == pytest.approx(100, abs=0.5)
    assert [rule.kind for rule in found.rules] == list(RULE_KINDS)
    assert {rule.kind for rule in found.rules if not rule.active} == {"not_same_company"}


def test_saving_replaces_adds_and_removes(world):
    first = reading.setting(world.session, world.programme.id).criteria[0]
    kept = CriterionInput(
        first.key, first.kind, Bilingual("Aims", "ねらい"), first.intern_fields, first.host_fields, 70
    )
    rules = [RuleInput("shared_hours", active=False, params={"minutes": 90})]
    save(world, [kept, FIELD], rules)
    found = reading.setting(world.session, world.programme.id)
    assert [(item.label.en, item.weight, item.share) for item in found.criteria] == [
        ("Aims", 70, 70.0),
        ("Field", 30, 30.0),
    ]
    assert found.criteria[0].key == first.key
    hours = next(rule for rule in found.rules if rule.key == "shared_hours")
    assert (hours.active, hours.params) == (False, {"minutes": 90})
    event = world.session.scalars(select(AuditEvent).where(AuditEvent.action == "criteria.saved")).one()
    assert event.detail["weights"][first.key] == 70


def test_of_two_admins_who_save_at_once_the_second_is_told(world):
    seen = reading.setting(world.session, world.programme.id).seen
    save(world, [FIELD], seen=seen)
    with pytest.raises(Conflict):
        save(world, [FIELD, FIELD], seen=seen)
    world.session.rollback()
    assert len(reading.setting(world.session, world.programme.id).criteria) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"weight": 101}, "criteria-0-weight"),
        ({"weight": 0}, "criteria-0-weight"),
        ({"label": Bilingual(" ", "")}, "criteria-0-label_en"),
        ({"kind": "guessing"}, "criteria-0-kind"),
        ({"kind": "ordinal"}, "criteria-0-kind"),
        ({"host_fields": ()}, "criteria-0-host_fields"),
        ({"intern_fields": ("free_time",)}, "criteria-0-intern_fields"),
    ],
)
def test_what_cannot_be_used_is_refused_where_it_stands(world, change, field):
    from dataclasses import replace

    with pytest.raises(InvalidInput) as refused:
        save(world, [replace(FIELD, **change)])
    assert refused.value.field == field
    assert "%(" not in str(refused.value)


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("shared_language", {"min_level": 9}),
        ("shared_language", {"level": 2}),
        ("shared_hours", {"minutes": 0}),
        ("never_pairs", {"pairs": [[1, 1]]}),
        ("never_pairs", {"pairs": [[1, 999]]}),
        ("no_such_rule", {}),
    ],
)
def test_rules_are_checked_too(world, key, params):
    with pytest.raises(InvalidInput):
        save(world, [FIELD], [RuleInput(key, active=True, params=params)])


def test_nobody_can_allow_a_match_with_oneself(world):
    save(world, [FIELD], [RuleInput("not_same_person", active=False, params={})])
    world.session.rollback()
    assert world.session.scalars(select(Rule.active).where(Rule.kind == "not_same_person")).all() == [True]


def test_no_field_on_offer_says_who_somebody_is():
    offered = {
        field.key
        for choice in reading.kinds([Role.MENTOR, Role.ALUMNUS])
        for field in (*choice.intern_fields, *choice.host_fields)
    }
    private = {"email", "full_name", "family_name", "number", "supervisor", "boundaries", "graduation_year", "language"}
    assert offered & private == set()
    assert offered <= set(BY_KEY)


def test_a_criterion_that_only_alumni_answer_counts_in_their_track_only(world):
    same = CriterionInput("", "equality", Bilingual("Faculty", "学部"), ("faculty",), ("faculty",), 10)
    save(world, [FIELD, same])
    world.session.rollback()
    found = reading.setting(world.session, world.programme.id)
    listed, rules = reading.for_matching(found, [Role.MENTOR, Role.ALUMNUS])
    assert [item.track for item in listed] == [None, "alumnus"]
    assert "not_same_company" not in {rule.kind for rule in rules}


def test_the_sample_shows_the_best_partners_with_parts_that_add_up(session):
    world = a_small_world(session)
    drawn = samples.draw(session, world.programme.id)
    assert [one.intern.name.family for one in drawn.interns] == ["intern-sea", "intern-law", "intern-art"]
    for one in drawn.interns:
        best = one.tracks[Role.MENTOR]
        assert best[0].host.name.family == one.intern.name.family.replace("intern", "mentor")
        assert [host.shown for host in best] == sorted((host.shown for host in best), reverse=True)
        assert all(sum(points for _, points, _ in host.parts) == host.shown for host in best)
    assert drawn.following == 1


def test_the_sample_of_an_empty_programme_is_empty(world):
    assert samples.draw(world.session, world.programme.id).interns == ()


# -- the page


@pytest.fixture
def client(app, session, world):
    return a_client(app, session, session.get(Person, world.admin.person_id))


def form_of(world, **changes):
    found = reading.setting(world.session, world.programme.id)
    data = {"seen": found.seen}
    for index, item in enumerate(found.criteria):
        row = f"criteria-{index}-"
        data |= {
            f"{row}key": item.key,
            f"{row}kind": item.kind,
            f"{row}label_en": item.label.en,
            f"{row}label_ja": item.label.ja,
            f"{row}intern_fields": list(item.intern_fields),
            f"{row}host_fields": list(item.host_fields),
            f"{row}weight": item.weight,
        }
    for index, rule in enumerate(found.rules):
        row = f"rules-{index}-"
        data |= {f"{row}key": rule.key, f"{row}kind": rule.kind}
        if rule.active:
            data[f"{row}active"] = "y"
        data |= {f"{row}{name}": value for name, value in rule.params.items() if name != "pairs"}
    world.session.rollback()
    return data | changes


def test_the_page_saves_a_weight_and_goes_to_the_sample(world, client):
    url = f"/programmes/{world.programme.slug}/criteria/"
    page = client.get(url).get_data(as_text=True)
    assert "Goals and experience" in page
    assert "never" in page
    answer = post(client, url, form_of(world, **{"criteria-0-weight": "50", "criteria-5-gone": "y"}))
    assert (answer.status_code, answer.location) == (303, f"{url}?tested=1#sample")
    found = reading.setting(world.session, world.programme.id)
    assert found.criteria[0].weight == 50
    assert len(found.criteria) == 7
    assert next(rule for rule in found.rules if rule.kind == "shared_language").params == {"min_level": 2}


def test_the_page_adds_a_criterion_and_two_people_kept_apart(world, client, session):
    one, other = world.enrol("one", Role.INTERN, "sea"), world.enrol("other", Role.MENTOR, "sea")
    row = {
        "criteria-1234-key": "",
        "criteria-1234-kind": "equality",
        "criteria-1234-label_ja": "地域",
        "criteria-1234-intern_fields": "place",
        "criteria-1234-host_fields": "place",
        "criteria-1234-weight": "5",
        "rules-5-pairs-0-first": str(one.person_id),
        "rules-5-pairs-0-second": str(other.person_id),
        "rules-5-pairs-1-first": "",
        "rules-5-pairs-1-second": "",
    }
    answer = post(client, f"/programmes/{world.programme.slug}/criteria/", form_of(world, **row))
    assert answer.status_code == 303
    session.rollback()
    added = session.scalars(select(Criterion).where(Criterion.kind == "equality")).one()
    assert (added.label_en, added.label_ja, added.position) == ("地域", "地域", 8)
    never = session.scalars(select(Rule).where(Rule.kind == "never_pairs")).one()
    assert never.params == {"pairs": [[one.person_id, other.person_id]]}


def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(world, client):
    url = f"/programmes/{world.programme.slug}/criteria/"
    answer = post(client, url, form_of(world, **{"criteria-0-weight": "500", "criteria-1-label_ja": "新しい名前"}))
    text = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "新しい名前" in text
    assert 'aria-invalid="true"' in text
    answer = post(client, url, form_of(world, **{"criteria-0-intern_fields": []}))
    assert "choose at least one field" in answer.get_data(as_text=True)


def test_typing_a_weight_moves_the_bars_and_saves_nothing(world, client):
    url = f"/programmes/{world.programme.slug}/criteria/"
    answer = post(client, f"{url}shares", form_of(world, **{f"criteria-{index}-weight": "0" for index in range(1, 8)}))
    assert re.findall(r"(\d+) of 100 points", answer.get_data(as_text=True)) == ["100", *["0"] * 7]
    assert reading.setting(world.session, world.programme.id).criteria[1].weight > 0


def test_a_new_criterion_works_with_and_without_script(world, client):
    url = f"/programmes/{world.programme.slug}/criteria/"
    plain = client.get(f"{url}new?add=tags")
    assert (plain.status_code, plain.location) == (303, f"{url}?add=tags")
    assert "New criterion" in client.get(plain.location).get_data(as_text=True)
    part = client.get(f"{url}new?add=tags", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "New criterion" in part
    assert "<html" not in part
    assert client.get(f"{url}new?add=ordinal").status_code == 404


def test_the_sample_is_a_page_and_a_part(app, session):
    world = a_small_world(session)
    client = a_client(app, session, session.get(Person, world.admin.person_id))
    url = f"/programmes/{world.programme.slug}/criteria/sample"
    assert "mentor-sea" in client.get(url).get_data(as_text=True)
    assert "<html" not in client.get(url, headers={"HX-Request": "true"}).get_data(as_text=True)


def test_of_another_programme_nothing_is_saved(world, session):
    other = a_world(session)
    seen = reading.setting(session, world.programme.id).seen
    with pytest.raises(NotFound):
        criteria.save(
            session, actor=other.admin, programme_id=world.programme.id, seen=seen, criteria=[FIELD], rules=[]
        )
