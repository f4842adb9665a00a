"""The fields of a participant: the one table that forms, import, export, criteria and previews read."""

from __future__ import annotations

from mentormatch.core.field_kinds import LANGUAGE_LEVELS, Field, Kind, Owner
from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual

__all__ = ["BY_KEY", "FIELDS", "LANGUAGE_LEVELS", "Field", "Kind", "Owner", "fields_for"]

_HOSTS = frozenset({Role.MENTOR, Role.ALUMNUS})
_INTERN = frozenset({Role.INTERN})

FIELDS: tuple[Field, ...] = (
    # -- the person
    Field("email", Kind.EMAIL, Bilingual("Email", "メールアドレス"), Owner.PERSON, max_length=254, shown=False),
    Field("full_name", Kind.LINE, Bilingual("Full name", "氏名"), Owner.PERSON, max_length=120),
    Field("family_name", Kind.LINE, Bilingual("Family name", "姓"), Owner.PERSON, max_length=60),
    Field("given_name", Kind.LINE, Bilingual("Given name", "名"), Owner.PERSON, max_length=60),
    Field("full_kana", Kind.LINE, Bilingual("Reading (katakana)", "フリガナ"), Owner.PERSON, max_length=120),
    Field(
        "family_kana",
        Kind.LINE,
        Bilingual("Family name reading (katakana)", "姓（フリガナ）"),
        Owner.PERSON,
        max_length=60,
    ),
    Field(
        "given_kana",
        Kind.LINE,
        Bilingual("Given name reading (katakana)", "名（フリガナ）"),
        Owner.PERSON,
        max_length=60,
    ),
    Field("romaji", Kind.LINE, Bilingual("Name in Latin letters", "氏名（ローマ字）"), Owner.PERSON, max_length=120),
    Field("preferred_name", Kind.LINE, Bilingual("Name to be called", "呼んでほしい名前"), Owner.PERSON, max_length=60),
    Field("language", Kind.CHOICE, Bilingual("Language of messages", "連絡に使う言語"), Owner.PERSON, shown=False),
    # -- the enrolment
    Field("role", Kind.CHOICE, Bilingual("Role", "区分"), Owner.ENROLMENT),
    Field(
        "number",
        Kind.LINE,
        Bilingual("Student or staff number", "学籍番号・社員番号"),
        Owner.ENROLMENT,
        max_length=40,
        shown=False,
    ),
    Field("capacity", Kind.NUMBER, Bilingual("Places", "受け入れ人数"), Owner.ENROLMENT, _HOSTS, shown=False),
    Field("minimum", Kind.NUMBER, Bilingual("Minimum interns", "最低担当人数"), Owner.ENROLMENT, _HOSTS, shown=False),
    # -- the profile: studies and work
    Field("faculty", Kind.CHOICE, Bilingual("Faculty", "学部"), roles=_INTERN | {Role.ALUMNUS}, expected=True),
    Field("year", Kind.LINE, Bilingual("Year of study", "学年"), roles=_INTERN, max_length=40, expected=True),
    Field(
        "studies",
        Kind.TEXT,
        Bilingual("What you study", "学んでいること"),
        roles=_INTERN,
        max_length=1000,
        expected=True,
    ),
    Field("host_company", Kind.LINE, Bilingual("Internship company", "インターン先企業"), roles=_INTERN, shown=True),
    Field(
        "supervisor",
        Kind.EMAIL,
        Bilingual("Supervisor's email", "指導担当者のメール"),
        roles=_INTERN,
        shown=False,
        max_length=254,
    ),
    Field("organisation", Kind.LINE, Bilingual("Organisation", "勤務先"), roles=_HOSTS, expected=True),
    Field("position", Kind.LINE, Bilingual("Position", "職種・役職"), roles=_HOSTS, expected=True),
    Field("graduation_year", Kind.NUMBER, Bilingual("Year of graduation", "卒業年"), roles=_HOSTS),
    Field(
        "career", Kind.CAREER, Bilingual("Career path", "これまでの経歴"), roles=_HOSTS, max_length=4000, expected=True
    ),
    # -- the profile: what the conversation is about
    Field(
        "goals",
        Kind.TEXT,
        Bilingual("Goals", "目標"),
        roles=_INTERN,
        max_length=2000,
        expected=True,
        hint=Bilingual(
            "What should be different after this programme?",
            "このプログラムを終えたとき、何ができるようになっていたいですか。",
        ),
    ),
    Field("vision", Kind.TEXT, Bilingual("Vision", "将来像"), roles=_INTERN, max_length=2000),
    Field("industries", Kind.TAGS, Bilingual("Fields and industries", "業界・分野"), max_length=1000, expected=True),
    Field(
        "wants",
        Kind.TAGS,
        Bilingual("What you would like to learn", "学びたいこと"),
        roles=_INTERN,
        max_length=1000,
        expected=True,
    ),
    Field(
        "offers",
        Kind.TAGS,
        Bilingual("What you can offer", "伝えられること"),
        roles=_HOSTS,
        max_length=1000,
        expected=True,
    ),
    Field("skills", Kind.TAGS, Bilingual("Skills", "スキル"), max_length=1000, expected=True),
    Field("interests", Kind.TAGS, Bilingual("Interests", "興味・趣味"), max_length=1000),
    Field("languages", Kind.LANGUAGES, Bilingual("Languages", "使える言語"), max_length=300, expected=True),
    Field("questions", Kind.TEXT, Bilingual("Questions you bring", "聞いてみたいこと"), roles=_INTERN, max_length=2000),
    Field(
        "self_introduction",
        Kind.TEXT,
        Bilingual("Self-introduction (30 seconds)", "自己紹介（30秒）"),
        max_length=1000,
        expected=True,
    ),
    Field(
        "conversation_style",
        Kind.TEXT,
        Bilingual("How you like to talk", "話し方・進め方の希望"),
        roles=_HOSTS,
        max_length=500,
    ),
    Field(
        "boundaries",
        Kind.TEXT,
        Bilingual("Topics you would rather not discuss", "話題にしてほしくないこと"),
        roles=_HOSTS,
        max_length=500,
        hint=Bilingual("Shown to your interns before a meeting.", "面談の前に、担当のインターンに表示されます。"),
    ),
    Field("place", Kind.LINE, Bilingual("Place", "地域"), max_length=80),
    Field("free_time", Kind.HOURS, Bilingual("Free time", "空き時間"), max_length=500, expected=True, shown=False),
)

BY_KEY = {field.key: field for field in FIELDS}


def fields_for(role: Role, *owners: Owner) -> tuple[Field, ...]:
    """Return the fields of a participant with `role` in the order they are asked, optionally of some owners."""
    return tuple(field for field in FIELDS if role in field.roles and (not owners or field.owner in owners))
