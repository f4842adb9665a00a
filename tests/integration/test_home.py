"""The other side: an intern sees whom she got and why; a host answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from mentormatch.core import clock
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Match, MatchState, Message, Round, RoundState
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post

REASONS = {
    "reasons": [
        {
            "criterion": "field",
            "label": {"en": "Field and industry", "ja": "業界・分野"},
            "kind": "tags",
            "strength": 3,
            "shared": {"tags": [["データ分析", "Data analysis"]]},
        },
        {
            "criterion": "schedule",
            "label": {"en": "Free time in common", "ja": "共通の空き時間"},
            "kind": "hours",
            "strength": 2,
            "shared": {"windows": [[4, 1080, 1200]], "minutes": 120},
        },
        {
            "criterion": "goals",
            "label": {"en": "Goals", "ja": "目標"},
            "kind": "text",
            "strength": 1,
            "shared": {
                "intern_words": [{"field": "goals", "value": "公共データを仕事に <b>活かす</b>"}],
                "host_words": [{"field": "position", "value": "データサイエンティスト"}],
            },
        },
    ],
    "not_used": ["gender", "age"],
}


@pytest.fixture
def matched(session):
    """A published match of an intern and a mentor, with everybody who has to do with it."""
    programme = a_programme(session)
    aoi = a_person(
        session, family_name="鈴木", given_name="葵", romaji="Aoi Suzuki", family_kana="スズキ", given_kana="アオイ"
    )
    ken = a_person(
        session, family_name="森田", given_name="健", romaji="Ken Morita", family_kana="モリタ", given_kana="ケン"
    )
    intern = an_enrolment(
        session, programme, Role.INTERN, person=aoi, profile={"questions": "最初の年はどうでしたか。"}
    )
    host = an_enrolment(session, programme, Role.MENTOR, person=ken, profile={"boundaries": "家族の話は控えます。"})
    round_ = Round(programme_id=programme.id, number=1, state=RoundState.PUBLISHED)
    session.add(round_)
    session.flush()
    match = Match(
        round_id=round_.id,
        track=Role.MENTOR,
        intern_id=intern.id,
        host_id=host.id,
        reasons=REASONS,
        answer_by=clock.now() + timedelta(days=7),
    )
    session.add(match)
    session.commit()
    return programme, aoi, ken, match


def _home(client, programme, language="ja"):
    post(client, "/language", {"language": language})
    return client.get(f"/programmes/{programme.slug}/home/").text


def _answer_url(programme, match, verb):
    return f"/programmes/{programme.slug}/home/interns/{match.id}/{verb}"


def test_the_intern_sees_her_mentor_and_three_reasons_in_both_languages(app, session, matched):
    programme, aoi, _, _ = matched
    client = a_client(app, session, aoi)
    page = _home(client, programme)
    assert '<html class="mm-page" lang="ja"' in page
    for text in (
        "森田",
        "もりた",
        "業界・分野",
        "お互いの空き時間が合います",
        "関心の向きが似ています",
        "金 18:00–20:00",
    ):
        assert text in page
    assert "性別・年齢はマッチングに使っていません。" in page
    page = _home(client, programme, "en")
    for text in (
        "Ken Morita",
        "Data analysis",
        "Fri 18:00–20:00 (2 hours a week in common)",
        "Not used for matching: gender, age.",
    ):
        assert text in page


def test_words_of_people_are_escaped_and_scores_never_shown(app, session, matched):
    programme, aoi, _, _ = matched
    page = _home(a_client(app, session, aoi), programme)
    assert "公共データを仕事に &lt;b&gt;活かす&lt;/b&gt;" in page
    assert "/ 100" not in page


def test_the_mentor_accepts_once_and_the_intern_hears_of_it(app, session, matched):
    programme, aoi, ken, match = matched
    client = a_client(app, session, ken)
    assert "鈴木 葵さん" in _home(client, programme)
    assert client.get(f"/programmes/{programme.slug}/home/interns/{match.id}").status_code == 200
    assert post(client, _answer_url(programme, match, "accept")).status_code == 303
    assert post(client, _answer_url(programme, match, "accept")).status_code == 409
    session.expire_all()
    assert match.state is MatchState.ACCEPTED
    assert session.scalars(select(Message.kind).where(Message.person_id == aoi.id)).all() == ["match_accepted"]
    assert session.scalars(select(AuditEvent.action)).all() == ["match.accepted"]
    assert "担当を引き受け" in _home(a_client(app, session, aoi), programme)


def test_declining_needs_a_reason_and_tells_the_admins_not_the_intern(app, session, matched):
    programme, aoi, ken, match = matched
    admin = a_staff_member(session, programme)
    client = a_client(app, session, ken)
    refused = post(client, _answer_url(programme, match, "decline"), {"note": "急な異動です"})
    assert (refused.status_code, "急な異動です" in refused.text) == (422, True)
    assert (
        post(client, _answer_url(programme, match, "decline"), {"reason": "time", "note": "急な異動です"}).status_code
        == 303
    )
    session.expire_all()
    assert (match.state, match.decline_reason, match.decline_note) == (MatchState.DECLINED, "time", "急な異動です")
    assert session.scalars(select(Message.person_id).where(Message.kind == "match_declined")).all() == [admin.id]
    page = _home(a_client(app, session, aoi), programme)
    assert "森田" not in page
    assert "急な異動です" not in page


def test_an_answer_after_the_time_is_refused(app, session, matched):
    programme, _, ken, match = matched
    match.answer_by = clock.now() - timedelta(minutes=1)
    session.commit()
    assert post(a_client(app, session, ken), _answer_url(programme, match, "accept")).status_code == 409


@pytest.mark.parametrize("verb", ["accept", "decline"])
def test_nobody_answers_for_somebody_else(app, session, matched, verb):
    programme, aoi, _, match = matched
    other = an_enrolment(session, programme, Role.MENTOR).person
    for person in (aoi, other):
        answer = post(a_client(app, session, person), _answer_url(programme, match, verb), {"reason": "time"})
        assert answer.status_code == 404
    session.expire_all()
    assert match.state is MatchState.PROPOSED


def test_before_publication_the_home_says_so(app, session):
    programme = a_programme(session)
    person = an_enrolment(session, programme).person
    assert "マッチングの結果はまだ公開されていません" in _home(a_client(app, session, person), programme)
