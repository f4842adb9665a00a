"""Wishes: said in private, changed while a round collects, heard by the matching, and never told to the other side."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from mentormatch.channels.letter import compose
from mentormatch.core import clock
from mentormatch.core.errors import Conflict, InvalidInput, NotFound, NotPermitted
from mentormatch.core.fields import BY_KEY
from mentormatch.core.roles import Role
from mentormatch.models import (
    AuditEvent,
    DecisionKind,
    EnrolmentState,
    Match,
    Message,
    Proposal,
    Round,
    RoundState,
    Run,
    Unmatched,
    Wish,
    WishKind,
    WishSheet,
)
from mentormatch.models.round import NOT_A_WISH, PREFERRED
from mentormatch.queries import actors, participants, problems
from mentormatch.queries import wishes as reading
from mentormatch.services import demo, letters, rounds, wishes
from tests.factories import a_client, a_person, a_staff_member, post
from tests.integration.rounds_world import World, a_small_world, a_world

BOTH = ("mentor", "alumnus")


@pytest.fixture
def world(session) -> World:
    """Three interns and three mentors, one field each: without wishes, sea gets sea, law gets law, art gets art."""
    return a_small_world(session)


def _who(world: World, author: str, other: str | None = None) -> dict:
    row = world.people[author]
    actor = actors.of_person(world.session, row.person)
    found = {"actor": actor, "programme_id": world.programme.id, "author_id": row.id}
    return found if other is None else {**found, "other_id": world.people[other].id}


def say(world: World, author: str, other: str, kind: str = "choice") -> int | None:
    return wishes.say(world.session, **_who(world, author, other), kind=kind)


def ranked(world: World, author: str, role: Role = Role.MENTOR) -> list[str]:
    called = {row.id: name for name, row in world.people.items()}
    world.session.rollback()
    sheet = reading.of_author(world.session, world.people[author].id, [role])
    return [called[one.id] for one in sheet.wishes[role].choices]


def state(world: World, to: RoundState) -> None:
    world.session.get(Round, world.round_id).state = to
    world.session.commit()


# ---- saying and changing


def test_choices_are_ranked_in_the_order_in_which_they_are_made_and_can_be_moved(world):
    assert [say(world, "intern-sea", name) for name in ("mentor-sea", "mentor-law", "mentor-art")] == [1, 2, 3]
    wishes.move(world.session, **_who(world, "intern-sea", "mentor-art"), by=-1)
    assert ranked(world, "intern-sea") == ["mentor-sea", "mentor-art", "mentor-law"]
    wishes.move(world.session, **_who(world, "intern-sea", "mentor-sea"), by=-1)  # it is the first already
    wishes.forget(world.session, **_who(world, "intern-sea", "mentor-sea"))
    assert ranked(world, "intern-sea") == ["mentor-art", "mentor-law"]
    say(world, "intern-sea", "mentor-art", "avoid")
    assert ranked(world, "intern-sea") == ["mentor-law"]
    found = world.session.scalars(select(Wish).order_by(Wish.id)).all()
    assert [(wish.kind, wish.rank) for wish in found] == [("choice", 1), ("avoid", None)]


def test_tracks_are_ranked_apart_and_five_are_enough(session):
    world = a_world(session, BOTH)
    world.enrol("intern", Role.INTERN, "sea")
    for number in range(6):
        world.enrol(f"mentor-{number}", Role.MENTOR, "sea")
    world.enrol("alumnus", Role.ALUMNUS, "sea")
    assert [say(world, "intern", f"mentor-{number}") for number in range(5)] == [1, 2, 3, 4, 5]
    assert say(world, "intern", "alumnus") == 1
    with pytest.raises(InvalidInput, match="5 people"):
        say(world, "intern", "mentor-5")
    assert say(world, "intern", "mentor-5", "prefer") is None
    assert say(world, "intern", "mentor-0") == 5  # chosen again: now the last
    assert ranked(world, "intern") == [f"mentor-{number}" for number in (1, 2, 3, 4, 0)]
    assert ranked(world, "intern", Role.ALUMNUS) == ["alumnus"]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["choice", "prefer", "avoid", "forget", "up", "down"]), st.integers(0, 2)),
        max_size=10,
    )
)
def test_ranks_have_no_gaps_whatever_is_done(world, steps):
    session = world.session
    session.rollback()
    session.query(Wish).delete()
    session.commit()
    hosts = ["mentor-sea", "mentor-law", "mentor-art"]
    for verb, number in steps:
        who = _who(world, "intern-sea", hosts[number])
        try:
            if verb in {"up", "down"}:
                wishes.move(session, **who, by=-1 if verb == "up" else 1)
            elif verb == "forget":
                wishes.forget(session, **who)
            else:
                wishes.say(session, **who, kind=verb)
        except NotFound:
            assert verb in {"up", "down"}
    found = session.scalars(select(Wish).order_by(Wish.rank)).all()
    ranks = [wish.rank for wish in found if wish.kind is WishKind.CHOICE]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len({wish.other_id for wish in found}) == len(found)


def test_what_cannot_be_said(world):
    world.enrol("other-intern", Role.INTERN, "sea")
    elsewhere = a_small_world(world.session)
    world.people["foreign"] = elsewhere.people["mentor-sea"]
    gone = world.enrol("gone", Role.MENTOR, "sea", state=EnrolmentState.WITHDRAWN)
    for other in ("other-intern", "intern-sea", "foreign", "gone"):
        with pytest.raises(NotFound):
            say(world, "intern-sea", other)
    with pytest.raises(InvalidInput):
        say(world, "intern-sea", "mentor-sea", "adore")
    with pytest.raises(InvalidInput):
        wishes.prioritise(world.session, **_who(world, "intern-sea"), key="wishes")
    with pytest.raises(NotFound):
        wishes.move(world.session, **_who(world, "intern-sea", "mentor-law"), by=1)
    assert gone.id
    assert world.session.scalars(select(Wish)).all() == []


def test_nobody_states_wishes_for_somebody_else(world):
    mine = _who(world, "intern-sea", "mentor-sea")
    for actor in (_who(world, "intern-law")["actor"], world.admin):
        with pytest.raises((NotFound, NotPermitted)):
            wishes.say(world.session, **{**mine, "actor": actor}, kind="choice")
    assert world.session.scalars(select(Wish)).all() == []


def test_one_person_in_two_roles_cannot_wish_for_themself(session):
    world = a_world(session)
    twice = a_person(session, family_name="Twice")
    world.enrol("as-intern", Role.INTERN, "sea", person=twice)
    world.enrol("as-mentor", Role.MENTOR, "sea", person=twice)
    with pytest.raises(NotFound):
        say(world, "as-intern", "as-mentor")
    author = participants.of_person(session, world.programme.id, twice.id)[0]
    assert reading.candidates(session, world.programme.id, author, Role.MENTOR).rows == []


@pytest.mark.parametrize("frozen", [RoundState.MATCHING, RoundState.REVIEW, RoundState.PUBLISHED, RoundState.CLOSED])
def test_wishes_are_frozen_when_the_matching_begins_and_thaw_with_the_next_round(app, session, world, frozen):
    say(world, "intern-sea", "mentor-law")
    state(world, frozen)
    for verb in (
        lambda: say(world, "intern-sea", "mentor-art"),
        lambda: wishes.forget(session, **_who(world, "intern-sea", "mentor-law")),
        lambda: wishes.move(session, **_who(world, "intern-sea", "mentor-law"), by=1),
        lambda: wishes.prioritise(session, **_who(world, "intern-sea"), key="field"),
        lambda: wishes.welcome_all(session, **_who(world, "intern-sea"), open_to_all=True),
    ):
        with pytest.raises(Conflict, match="can no longer be changed"):
            verb()
    client = a_client(app, session, world.people["intern-sea"].person)
    page = client.get(f"/programmes/{world.programme.slug}/wishes/").text
    assert "マッチングが始まったため、希望は変更できません" in page
    assert 'name="wish"' not in page
    assert "mentor-law" in page
    if frozen is RoundState.CLOSED:
        world.new_round()
        assert say(world, "intern-sea", "mentor-art") == 2


def test_of_two_clicks_at_the_same_moment_both_are_heard(engine, world):
    """Two browsers of one intern choose somebody each: two ranks, no gap, nothing lost."""
    jobs = [_who(world, "intern-sea", name) for name in ("mentor-sea", "mentor-law", "mentor-art")]
    world.session.rollback()
    gate = threading.Barrier(len(jobs))
    failed = []

    def run(who):
        try:
            with Session(engine) as own:
                gate.wait(timeout=10)
                wishes.say(own, **who, kind="choice")
        except Exception as error:  # noqa: BLE001 - told by the assertion below
            failed.append(error)

    threads = [threading.Thread(target=run, args=(who,)) for who in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert failed == []
    assert sorted(ranked(world, "intern-sea")) == ["mentor-art", "mentor-law", "mentor-sea"]


# ---- into the matching


def matched(world: World, run: int) -> set[tuple[str, str]]:
    return world.names(world.session.scalars(select(Proposal).where(Proposal.run_id == run)))


def test_without_wishes_nothing_changes(session, world):
    problem = problems.of_programme(session, world.programme.id)
    assert {one.key for one in problem.criteria}.isdisjoint({"wishes", "priority"})
    assert matched(world, world.run()) == {(f"intern-{work}", f"mentor-{work}") for work in ("sea", "law", "art")}
    assert world.session.scalars(select(Proposal.wish)).all() == [None] * 3


def test_a_first_choice_wins_a_tie_and_the_run_counts_it(session):
    world = a_world(session)
    for name in ("one", "two"):
        world.enrol(name, Role.INTERN, "sea")
        world.enrol(f"mentor-{name}", Role.MENTOR, "sea")
    say(world, "one", "mentor-two")
    say(world, "one", "mentor-one", "prefer")
    say(world, "two", "mentor-two", "prefer")
    run = world.run()
    assert matched(world, run) == {("one", "mentor-two"), ("two", "mentor-one")}
    kept = session.scalars(select(Proposal).order_by(Proposal.intern_id)).all()
    assert [row.wish for row in kept] == [1, NOT_A_WISH]
    figures = session.get(Run, run).summary["tracks"]["mentor"]["wishes"]
    assert figures == {"people": 2, "asked": 1, "first": 1, "top3": 1, "met": 1}
    part = next(part for part in kept[0].explanation["parts"] if part["kind"] == "wishes")
    assert part["shared"] == {"numbers": [1, None]}
    assert sum(part["points"] for part in kept[0].explanation["parts"]) == kept[0].points
    wishes_of_two = session.scalars(select(Wish).where(Wish.author_id == world.people["two"].id)).one()
    assert (wishes_of_two.kind, PREFERRED) == (WishKind.PREFER, 6)


@pytest.mark.parametrize(("author", "other"), [("intern-sea", "mentor-sea"), ("mentor-sea", "intern-sea")])
def test_an_avoid_of_either_side_is_never_broken_and_the_office_sees_why(session, world, author, other):
    say(world, author, other, "avoid")
    pairs = matched(world, world.run())
    assert ("intern-sea", "mentor-sea") not in pairs
    assert len(pairs) == 3
    state(world, RoundState.OPEN)
    for name in ("mentor-sea", "mentor-law", "mentor-art"):
        say(world, "intern-sea", name, "avoid")
    world.run()
    alone = session.scalars(select(Unmatched).order_by(Unmatched.id.desc())).first()
    assert alone.intern_id == world.people["intern-sea"].id
    assert alone.reason["removed"][0] == {"rule": "asked_not_to", "hosts": 3, "alone": 3}


@pytest.mark.parametrize("despite", [False, True])
def test_no_pin_breaks_an_avoid_not_even_as_an_exception(session, world, despite):
    say(world, "mentor-law", "intern-sea", "avoid")
    world.run()
    with pytest.raises(Conflict, match="asked not to be paired"):
        world.decide("intern-sea", "mentor-law", DecisionKind.PIN, instead=True, despite=despite)
    world.decide("intern-sea", "mentor-art", DecisionKind.PIN, instead=True)
    assert ("intern-sea", "mentor-art") in matched(world, world.run())


def test_setting_an_avoid_aside_is_no_way_out(app, session):
    """The intern's only possible mentor has been avoided: nothing is offered that would pair them all the same."""
    world = a_world(session)
    world.enrol("alone", Role.INTERN, "sea")
    world.enrol("avoided", Role.MENTOR, "sea")
    say(world, "alone", "avoided", "avoid")
    world.run()
    client = a_client(app, session, a_staff_member(session, world.programme, language="en"))
    post(client, "/language", {"language": "en"})
    page = client.get(f"/programmes/{world.programme.slug}/rounds/1/review?tab=unmatched").text
    assert "somebody asked not to" in page
    url = f"/programmes/{world.programme.slug}/rounds/1/review/interns/{world.people['alone'].id}/fixes"
    answer = client.get(url)
    assert answer.status_code == 200
    assert "aside for avoided" not in answer.text


def test_an_avoid_is_about_the_person_in_whatever_role(session):
    world = a_world(session, BOTH)
    twice = a_person(session, family_name="Twice")
    world.enrol("intern", Role.INTERN, "sea")
    world.enrol("as-mentor", Role.MENTOR, "sea", person=twice)
    world.enrol("as-alumnus", Role.ALUMNUS, "sea", person=twice)
    say(world, "intern", "as-mentor", "avoid")
    assert matched(world, world.run()) == set()


def test_what_matters_most_decides_where_it_is_named(session):
    """The interests pull the intern to one mentor, the field to the other; she says which counts."""
    for named, expected in (("interests", "hobby"), ("field", "work")):
        world = a_world(session)
        world.enrol("intern", Role.INTERN, "sea", profile={"interests": ["chess"]})
        world.enrol("hobby", Role.MENTOR, "law", profile={"interests": ["chess"]})
        world.enrol("work", Role.MENTOR, "sea", profile={"interests": ["golf"]})
        for row in session.scalars(select(reading.Criterion)).all():
            row.weight = {"interests": 10, "field": 10, "priority": 10}.get(row.key, 0)
        session.commit()
        wishes.prioritise(session, **_who(world, "intern"), key=named)
        assert matched(world, world.run()) == {("intern", expected)}


# ---- nobody else learns of it


SECRET = "Secretwish"


def _secret_world(session) -> World:
    """A published round in which the intern and two hosts have said things about one another."""
    world = a_world(session, BOTH)
    world.enrol("Intern", Role.INTERN, "sea", profile={"goals": "海を学びたいです。"})
    world.enrol("Rival", Role.INTERN, "sea")
    world.enrol("Mentor", Role.MENTOR, "sea", capacity=2)
    world.enrol(SECRET, Role.MENTOR, "sea", capacity=2)
    world.enrol("Alumna", Role.ALUMNUS, "sea", capacity=2)
    say(world, "Intern", "Mentor")
    say(world, "Intern", SECRET, "avoid")
    say(world, "Mentor", "Intern")
    say(world, "Mentor", "Rival", "prefer")
    say(world, "Alumna", "Intern", "prefer")
    say(world, SECRET, "Rival", "avoid")
    wishes.prioritise(session, **_who(world, "Intern"), key="field")
    wishes.prioritise(session, **_who(world, "Mentor"), key="field")
    return world


GIVE_AWAY = ("第1希望", "できれば会いたい", "避けたい", "希望外", "1st choice", "Gladly", "Please not", "wish")


def _pages_of(client, slug: str) -> dict[str, str]:
    """Return all that a participant can open but the own page of wishes, also by links on those pages."""
    seen: dict[str, str] = {}
    waiting = [
        f"/programmes/{slug}/{path}" for path in ("home/", "home/how-matching-works", "profile/", "profile/preview")
    ]
    waiting.append("/")
    while waiting:
        path = waiting.pop()
        answer = client.get(path)
        if path in seen or answer.status_code != 200:
            continue
        seen[path] = answer.text
        links = [part.split('"')[0] for part in answer.text.split('href="')[1:]]
        waiting += [link.partition("#")[0] for link in links if link.startswith(f"/programmes/{slug}/home/")]
    return seen


def test_no_page_and_no_letter_tells_a_wish_to_anybody_else(app, config, session):
    """Published: the intern has her first choice, who has her as first choice too; neither learns of it, nor others."""
    world = _secret_world(session)
    world.run()
    assert ("Intern", "Mentor") in matched(world, world.session.scalar(select(Run.id)))
    world.publish()
    _settle_publication(world)
    slug = world.programme.slug
    for name, row in world.people.items():
        for language in ("ja", "en"):
            client = a_client(app, session, row.person)
            post(client, "/language", {"language": language})
            for path, text in _pages_of(client, slug).items():
                body = text.split("<main")[1].split("</main>")[0]
                told = body.replace("マッチングの希望", "").replace("My wishes", "").replace("Your wishes", "")
                assert name == SECRET or SECRET not in told or "/home/" not in path, (name, path)
                if "how-matching" in path or "/profile/" in path or path.endswith("/home/"):
                    continue  # they speak of wishes in general; what they say is the same for everybody, see below
                assert not [word for word in GIVE_AWAY if word in told], (name, path)
    kinds = set()
    for message in session.scalars(select(Message)):
        text = _letter(app, config, session, message)
        kinds.add(message.kind)
        assert not [word for word in (*GIVE_AWAY, "avoid", "希望") if word in text], (message.kind, text)
    assert {"match_intern", "match_host"} <= kinds
    for match in session.scalars(select(Match)):
        frozen = json.dumps(match.reasons)
        assert not {reason["kind"] for reason in match.reasons["reasons"]} & {"wishes", "priority"}
        assert "wish" not in frozen
        assert "priority" not in frozen


def _settle_publication(world: World) -> None:
    """Publish now, where publication waits for a while."""
    from mentormatch.services import publication

    found = world.session.get(Round, world.round_id, populate_existing=True)
    if found.state is not RoundState.PUBLISHED:
        publication.publish_now(world.session, actor=world.admin, round_id=found.id, rev=found.rev)


def _letter(app, config, session, message: Message) -> str:
    with app.test_request_context():
        desk = letters.Desk(session, config, message.person, sign_in_links=True)
        fields = letters.LETTERS[message.kind](desk, message.facts)
    session.rollback()
    made = compose(message.kind, "ja", fields)
    return f"{made.subject}\n{made.body}"


def test_pages_are_the_same_whether_somebody_is_wished_for_or_avoided(app, session, world):
    """What an intern sees before the matching does not depend on what hosts have said about her; nor the reverse."""
    slug = world.programme.slug

    def all_pages(name: str) -> list[str]:
        client = a_client(app, session, world.people[name].person)
        paths = (
            "home/",
            "wishes/",
            "wishes/?q=mentor",
            "wishes/?q=intern",
            "profile/preview",
            "home/how-matching-works",
        )
        return [client.get(f"/programmes/{slug}/{path}").text.split("<main")[1] for path in paths]

    def plain(texts: list[str]) -> list[str]:
        import re

        return [re.sub(r'name="csrf_token" value="[^"]*"|content="[^"]*"', "", text) for text in texts]

    readers = ("intern-sea", "mentor-law")
    before = [plain(all_pages(name)) for name in readers]
    for author, other, kind in (
        ("mentor-sea", "intern-sea", "avoid"),
        ("mentor-law", "intern-law", "choice"),
        ("intern-law", "mentor-law", "choice"),
        ("intern-art", "mentor-law", "avoid"),
    ):
        if author not in readers:
            say(world, author, other, kind)
    assert [plain(all_pages(name)) for name in readers] == before


def test_the_short_profile_holds_shown_fields_alone_and_search_finds_nothing_else(app, session, world):
    for fields in reading.SHORT.values():
        assert all(BY_KEY[key].shown for key in fields)
    mentor = world.people["mentor-sea"]
    mentor.profile = {**mentor.profile, "boundaries": "家族の話", "supervisor": "boss@example.com", "offers": ["航海"]}
    mentor.number = "SECRET-77"
    mentor.person.email = mentor.person.email_key = "hidden.address@example.ac.jp"
    session.commit()
    client = a_client(app, session, world.people["intern-sea"].person)
    url = f"/programmes/{world.programme.slug}/wishes/"
    page = client.get(url).text
    assert "航海" in page
    for secret in ("家族の話", "boss@", "SECRET-77", "hidden.address", "10:00"):
        assert secret not in page
    author = participants.of_person(session, world.programme.id, world.people["intern-sea"].person_id)[0]

    def found(word: str) -> int:
        return reading.candidates(session, world.programme.id, author, Role.MENTOR, search=word).total

    assert [found(word) for word in ("mentor", "ＭＥＮＴＯＲ-sea", "航海", "SEA", "law sea")] == [3, 1, 1, 1, 0]
    assert [found(word) for word in ("hidden", "SECRET", "家族", "boss", "%", "_", '"', "\0")] == [
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        3,
    ]


def test_only_admins_read_wishes_on_a_participants_page(app, session, world):
    say(world, "intern-sea", "mentor-law")
    say(world, "intern-sea", "mentor-art", "avoid")
    wishes.prioritise(session, **_who(world, "intern-sea"), key="field")
    url = f"/programmes/{world.programme.slug}/participants/{world.people['intern-sea'].id}/"
    admin = a_staff_member(session, world.programme)
    coordinator = a_staff_member(session, world.programme, Role.COORDINATOR)
    page = a_client(app, session, admin).get(url).text
    assert "第1希望" in page
    assert "mentor-art" in page
    assert "いちばん大切にしたい点：業界・分野" in page
    page = a_client(app, session, coordinator).get(url).text
    assert "第1希望" not in page
    assert "mentor-law" not in page
    assert "mentor-art" not in page


def test_the_audit_trail_knows_that_but_not_what(session, world):
    say(world, "intern-sea", "mentor-law", "avoid")
    row = session.scalars(select(AuditEvent).where(AuditEvent.action == "wishes.changed")).one()
    assert (row.subject, row.detail) == (f"enrolment:{world.people['intern-sea'].id}", {})


# ---- the pages


def _send(client, world, path: str, data: dict, query: str = ""):
    return post(client, f"/programmes/{world.programme.slug}/wishes/{path}{query}", data)


def test_the_page_by_buttons_alone(app, session, world):
    client = a_client(app, session, world.people["intern-sea"].person)
    ids = {name: row.id for name, row in world.people.items()}
    for name in ("mentor-law", "mentor-art"):
        answer = _send(client, world, str(ids[name]), {"wish": "choice"}, "?q=mentor&page=1")
        assert (answer.status_code, answer.location.partition("?")[2]) == (303, "among=mentor&q=mentor")
    _send(client, world, str(ids["mentor-art"]), {"wish": "up"})
    _send(client, world, str(ids["mentor-sea"]), {"wish": "avoid"})
    _send(client, world, "priority", {"priority": "learning"})
    assert ranked(world, "intern-sea") == ["mentor-art", "mentor-law"]
    page = client.get(f"/programmes/{world.programme.slug}/wishes/").text.partition('id="said"')[2]
    assert page.index("第1希望") < page.index("mentor-art") < page.index("第2希望")
    assert 'value="learning" checked' in page
    assert _send(client, world, str(ids["mentor-law"]), {"wish": "forget"}).status_code == 303
    assert _send(client, world, str(ids["mentor-law"]), {"wish": "adore"}).status_code == 303
    assert _send(client, world, "99999", {"wish": "choice"}).status_code == 404
    assert _send(client, world, "priority", {"priority": "nonsense"}).status_code == 303
    assert ranked(world, "intern-sea") == ["mentor-art"]


def test_the_home_asks_for_wishes_until_something_is_said(app, session, world):
    row = world.people["intern-sea"]
    full = {field.key: ["x"] if field.kind.value == "tags" else "x" for field in BY_KEY.values() if field.expected}
    row.profile = {**full, **row.profile}
    session.commit()
    client = a_client(app, session, row.person)
    home = f"/programmes/{world.programme.slug}/home/"
    assert "希望を登録する" in client.get(home).text
    _send(client, world, "anybody", {"anybody": "yes"})
    assert "希望を登録する" not in client.get(home).text
    assert session.scalars(select(WishSheet.open_to_all)).all() == [True]
    _send(client, world, str(world.people["mentor-sea"].id), {"wish": "prefer"})
    session.expire_all()
    assert session.scalars(select(WishSheet.open_to_all)).all() == [False]


def test_the_page_takes_the_same_queries_for_three_people_and_for_thirty(app, session, engine, world):
    many = a_world(session)
    many.enrol("intern", Role.INTERN, "sea")
    for number in range(30):
        many.enrol(f"mentor-{number:02}", Role.MENTOR, "sea")
    for number in range(5):
        say(many, "intern", f"mentor-{number:02}")
    say(world, "intern-sea", "mentor-law")

    def count(found: World, name: str) -> int:
        client = a_client(app, session, found.people[name].person)
        url = f"/programmes/{found.programme.slug}/wishes/"
        client.get(url)
        seen: list[str] = []
        listener = lambda *args: seen.append(args[2])  # noqa: E731
        event.listen(engine_of(app), "before_cursor_execute", listener)
        assert client.get(url).status_code == 200
        event.remove(engine_of(app), "before_cursor_execute", listener)
        return len(seen)

    assert count(many, "intern") == count(world, "intern-sea") <= 14
    client = a_client(app, session, many.people["intern"].person)
    page = client.get(f"/programmes/{many.programme.slug}/wishes/?page=3").text
    assert "30件中 25–30件" in page


def engine_of(app):
    with app.app_context():
        return app.extensions["mentormatch"].db.engine


# ---- participation and reminders


def test_those_who_have_said_nothing_are_counted_and_reminded_once_a_day(app, config, session, world, monkeypatch):
    say(world, "intern-sea", "mentor-sea")
    wishes.welcome_all(session, **_who(world, "mentor-law"), open_to_all=True)
    wishes.prioritise(session, **_who(world, "intern-law"), key="field")
    world.people["mentor-art"].state = EnrolmentState.PAUSED
    session.commit()
    found = reading.participation(session, world.programme.id, [Role.MENTOR])
    assert [(one.role, one.stated, one.people) for one in found] == [("intern", 2, 3), ("mentor", 1, 2)]
    assert [wishes.remind(session, actor=world.admin, round_id=world.round_id) for _ in range(2)] == [2, 2]
    sent = session.scalars(select(Message).where(Message.kind == "wishes_reminder")).all()
    silent = {world.people[name].person_id for name in ("intern-art", "mentor-sea")}
    assert {message.person_id for message in sent} == silent
    assert len(sent) == 2
    tomorrow = clock.now() + timedelta(days=1)
    monkeypatch.setattr("mentormatch.services.wishes.now", lambda: tomorrow)
    wishes.remind(session, actor=world.admin, round_id=world.round_id)
    assert len(session.scalars(select(Message).where(Message.kind == "wishes_reminder")).all()) == 4
    text = _letter(app, config, session, sent[0])
    assert "/sign-in/link/" in text
    assert "話してみたい方" in text


def test_a_reminder_that_is_too_late_is_not_sent(app, config, session, world):
    wishes.remind(session, actor=world.admin, round_id=world.round_id)
    mine = select(Message).where(Message.person_id == world.people["intern-sea"].person_id)
    message = session.scalars(mine).one()
    say(world, "intern-sea", "mentor-sea")
    with pytest.raises(letters.NotAnyMore):
        _letter(app, config, session, message)
    other = session.scalars(select(Message).where(Message.person_id == world.people["mentor-sea"].person_id)).one()
    state(world, RoundState.REVIEW)
    with pytest.raises(letters.NotAnyMore):
        _letter(app, config, session, other)
    with pytest.raises(Conflict):
        wishes.remind(session, actor=world.admin, round_id=world.round_id)


def test_the_settings_page_says_how_many_and_reminds(app, session, world):
    client = a_client(app, session, a_staff_member(session, world.programme, language="en"))
    post(client, "/language", {"language": "en"})
    url = f"/programmes/{world.programme.slug}/rounds/1"
    assert "0 of 3 have stated wishes" in client.get(f"{url}/settings").text
    assert post(client, f"{url}/remind-wishes").status_code == 303
    assert len(session.scalars(select(Message).where(Message.kind == "wishes_reminder")).all()) == 6


def test_the_demo_has_wishes_of_people_who_are_there(session):
    demo.load(session)
    assert len(session.scalars(select(Wish)).all()) > 200
    programme_id = session.scalar(select(rounds.Programme.id))
    keys = {one.key for one in problems.of_programme(session, programme_id).criteria}
    assert {"wishes", "priority"} <= keys
    assert set(session.scalars(select(WishSheet.priority))) - {""} <= keys
