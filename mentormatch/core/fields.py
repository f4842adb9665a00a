"""The profile fields: one table that forms, import, export, criteria and previews read.

A field belongs to the *person* (names, language), to the *enrolment* (role, number, places) or to the *profile*, the
answers that a participant gives for one programme. Profile values are plain JSON: see `Kind` for the shape of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from mentormatch.core.roles import Role
from mentormatch.core.wording import Bilingual


class Kind(StrEnum):
    """What a field holds; the stored JSON shape behind it."""

    LINE = "line"  # str, one line
    TEXT = "text"  # str, several lines
    TAGS = "tags"  # list[str], order kept, no duplicates after normalisation
    LANGUAGES = "languages"  # list[[ISO 639-1 code, level 1..4]]
    HOURS = "hours"  # list[[weekday 0 = Monday .. 6, start minute, end minute]] in the person's own week
    CHOICE = "choice"  # str, one of a programme's list where the programme gives one
    NUMBER = "number"  # int
    EMAIL = "email"  # str
    CAREER = "career"  # list[[from year, to year or None, organisation, position]], newest first


class Owner(StrEnum):
    """Which row holds the value."""

    PERSON = "person"
    ENROLMENT = "enrolment"
    PROFILE = "profile"


LANGUAGE_LEVELS = {
    1: Bilingual("basic", "あいさつ程度"),
    2: Bilingual("conversational", "日常会話"),
    3: Bilingual("business", "業務レベル"),
    4: Bilingual("native", "母語"),
}

_ALL = frozenset({Role.INTERN, Role.MENTOR, Role.ALUMNUS})
_HOSTS = frozenset({Role.MENTOR, Role.ALUMNUS})
_INTERN = frozenset({Role.INTERN})


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a participant.

    `headers` are further column names by which an imported sheet may call it, besides both labels. `expected` counts
    towards completeness. `shown` says whether the other side of a match sees it.
    """

    key: str
    kind: Kind
    label: Bilingual
    owner: Owner = Owner.PROFILE
    roles: frozenset[Role] = _ALL
    hint: Bilingual | None = None
    headers: tuple[str, ...] = ()
    max_length: int = 200
    expected: bool = False
    shown: bool = True


FIELDS: tuple[Field, ...] = (
    # -- the person ------------------------------------------------------------------------------------------------
    Field(
        "email",
        Kind.EMAIL,
        Bilingual("Email", "メールアドレス"),
        Owner.PERSON,
        max_length=254,
        shown=False,
        headers=(
            "mail",
            "e-mail",
            "email address",
            "メール",
            "mail address",
            "eメール",
            "Ｅメール",
            "連絡先メール",
            "大学メール",
        ),
    ),
    Field(
        "full_name",
        Kind.LINE,
        Bilingual("Full name", "氏名"),
        Owner.PERSON,
        max_length=120,
        headers=("name", "名前", "お名前", "学生氏名", "氏名（漢字）", "社員名"),
    ),
    Field(
        "family_name",
        Kind.LINE,
        Bilingual("Family name", "姓"),
        Owner.PERSON,
        max_length=60,
        headers=("last name", "surname", "苗字", "名字", "氏", "姓（漢字）"),
    ),
    Field(
        "given_name",
        Kind.LINE,
        Bilingual("Given name", "名"),
        Owner.PERSON,
        max_length=60,
        headers=("first name", "forename", "名（漢字）"),
    ),
    Field(
        "full_kana",
        Kind.LINE,
        Bilingual("Reading (katakana)", "フリガナ"),
        Owner.PERSON,
        max_length=120,
        headers=("kana", "furigana", "ふりがな", "氏名カナ", "カナ氏名", "氏名（カナ）", "ヨミ", "よみがな"),
    ),
    Field(
        "family_kana",
        Kind.LINE,
        Bilingual("Family name reading (katakana)", "姓（フリガナ）"),
        Owner.PERSON,
        max_length=60,
        headers=("セイ", "せい", "姓カナ", "姓（カナ）", "last name kana"),
    ),
    Field(
        "given_kana",
        Kind.LINE,
        Bilingual("Given name reading (katakana)", "名（フリガナ）"),
        Owner.PERSON,
        max_length=60,
        headers=("メイ", "めい", "名カナ", "名（カナ）", "first name kana"),
    ),
    Field(
        "romaji",
        Kind.LINE,
        Bilingual("Name in Latin letters", "氏名（ローマ字）"),
        Owner.PERSON,
        max_length=120,
        headers=("romaji", "ローマ字", "ローマ字氏名", "英字氏名", "name (english)", "英語表記"),
    ),
    Field(
        "preferred_name",
        Kind.LINE,
        Bilingual("Name to be called", "呼んでほしい名前"),
        Owner.PERSON,
        max_length=60,
        headers=("preferred name", "nickname", "呼び名", "ニックネーム"),
    ),
    Field(
        "language",
        Kind.CHOICE,
        Bilingual("Language of messages", "連絡に使う言語"),
        Owner.PERSON,
        shown=False,
        headers=("preferred language", "message language", "案内言語", "表示言語"),
    ),
    # -- the enrolment ---------------------------------------------------------------------------------------------
    Field(
        "role",
        Kind.CHOICE,
        Bilingual("Role", "区分"),
        Owner.ENROLMENT,
        headers=("type", "participant type", "役割", "参加区分", "種別", "ロール"),
    ),
    Field(
        "number",
        Kind.LINE,
        Bilingual("Student or staff number", "学籍番号・社員番号"),
        Owner.ENROLMENT,
        max_length=40,
        shown=False,
        headers=(
            "student number",
            "student id",
            "staff number",
            "employee id",
            "id",
            "学籍番号",
            "学生番号",
            "社員番号",
            "職員番号",
        ),
    ),
    Field(
        "capacity",
        Kind.NUMBER,
        Bilingual("Places", "受け入れ人数"),
        Owner.ENROLMENT,
        _HOSTS,
        shown=False,
        headers=(
            "capacity",
            "max interns",
            "max mentees",
            "slots",
            "担当可能人数",
            "受入人数",
            "受け入れ枠",
            "定員",
            "上限人数",
        ),
    ),
    Field(
        "minimum",
        Kind.NUMBER,
        Bilingual("Minimum interns", "最低担当人数"),
        Owner.ENROLMENT,
        _HOSTS,
        shown=False,
        headers=("minimum", "min interns", "最低人数", "下限人数"),
    ),
    # -- the profile: studies and work -------------------------------------------------------------------------------
    Field(
        "faculty",
        Kind.CHOICE,
        Bilingual("Faculty", "学部"),
        roles=_INTERN | {Role.ALUMNUS},
        expected=True,
        headers=(
            "school",
            "department",
            "college",
            "学部・研究科",
            "研究科",
            "所属学部",
            "出身学部",
            "faculty/school",
        ),
    ),
    Field(
        "year",
        Kind.LINE,
        Bilingual("Year of study", "学年"),
        roles=_INTERN,
        max_length=40,
        expected=True,
        headers=("grade", "year", "school year", "回生", "年次"),
    ),
    Field(
        "studies",
        Kind.TEXT,
        Bilingual("What you study", "学んでいること"),
        roles=_INTERN,
        max_length=1000,
        expected=True,
        headers=("major", "studies", "research topic", "専攻", "研究テーマ", "ゼミ・研究", "専門", "学科"),
    ),
    Field(
        "host_company",
        Kind.LINE,
        Bilingual("Internship company", "インターン先企業"),
        roles=_INTERN,
        shown=True,
        headers=("host company", "placement", "インターン先", "受入企業", "派遣先"),
    ),
    Field(
        "supervisor",
        Kind.EMAIL,
        Bilingual("Supervisor's email", "指導担当者のメール"),
        roles=_INTERN,
        shown=False,
        max_length=254,
        headers=("supervisor", "supervisor email", "上司メール", "指導担当", "上司"),
    ),
    Field(
        "organisation",
        Kind.LINE,
        Bilingual("Organisation", "勤務先"),
        roles=_HOSTS,
        expected=True,
        headers=("company", "employer", "organization", "会社", "会社名", "企業名", "所属", "勤務先企業"),
    ),
    Field(
        "position",
        Kind.LINE,
        Bilingual("Position", "職種・役職"),
        roles=_HOSTS,
        expected=True,
        headers=("title", "job title", "role title", "部署・役職", "役職", "職種", "肩書き"),
    ),
    Field(
        "graduation_year",
        Kind.NUMBER,
        Bilingual("Year of graduation", "卒業年"),
        roles=_HOSTS,
        headers=("graduated", "class of", "卒業年度", "卒年"),
    ),
    Field(
        "career",
        Kind.CAREER,
        Bilingual("Career path", "これまでの経歴"),
        roles=_HOSTS,
        max_length=4000,
        expected=True,
        headers=("career", "career history", "経歴", "職歴", "キャリア"),
    ),
    # -- the profile: what the conversation is about -------------------------------------------------------------------
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
        headers=(
            "goal",
            "goals",
            "objective",
            "目標・目的",
            "参加目的",
            "志望動機",
            "プログラムで得たいこと",
        ),
    ),
    Field(
        "vision",
        Kind.TEXT,
        Bilingual("Vision", "将来像"),
        roles=_INTERN,
        max_length=2000,
        headers=("vision", "future", "キャリアビジョン", "将来の夢", "将来の目標", "10年後"),
    ),
    Field(
        "industries",
        Kind.TAGS,
        Bilingual("Fields and industries", "業界・分野"),
        max_length=1000,
        expected=True,
        headers=(
            "industry",
            "industries",
            "field",
            "fields",
            "interest areas",
            "業界",
            "分野",
            "志望業界",
            "希望分野",
            "専門分野",
            "興味のある業界",
        ),
    ),
    Field(
        "wants",
        Kind.TAGS,
        Bilingual("What you would like to learn", "学びたいこと"),
        roles=_INTERN,
        max_length=1000,
        expected=True,
        headers=(
            "wants",
            "want to learn",
            "learning goals",
            "身につけたいこと",
            "相談したいこと",
            "伸ばしたいスキル",
        ),
    ),
    Field(
        "offers",
        Kind.TAGS,
        Bilingual("What you can offer", "伝えられること"),
        roles=_HOSTS,
        max_length=1000,
        expected=True,
        headers=(
            "offers",
            "can help with",
            "expertise",
            "教えられること",
            "相談に乗れること",
            "得意分野",
            "提供できること",
        ),
    ),
    Field(
        "skills",
        Kind.TAGS,
        Bilingual("Skills", "スキル"),
        max_length=1000,
        expected=True,
        headers=("skill", "skills", "スキル・資格", "資格", "得意なこと"),
    ),
    Field(
        "interests",
        Kind.TAGS,
        Bilingual("Interests", "興味・趣味"),
        max_length=1000,
        headers=("interests", "hobbies", "興味", "趣味", "関心", "興味関心"),
    ),
    Field(
        "languages",
        Kind.LANGUAGES,
        Bilingual("Languages", "使える言語"),
        max_length=300,
        expected=True,
        headers=("language", "languages", "spoken languages", "言語", "語学", "対応言語"),
    ),
    Field(
        "questions",
        Kind.TEXT,
        Bilingual("Questions you bring", "聞いてみたいこと"),
        roles=_INTERN,
        max_length=2000,
        headers=("questions", "質問", "質問したいこと", "聞きたいこと"),
    ),
    Field(
        "self_introduction",
        Kind.TEXT,
        Bilingual("Self-introduction (30 seconds)", "自己紹介（30秒）"),
        max_length=1000,
        expected=True,
        headers=(
            "introduction",
            "bio",
            "about",
            "about me",
            "自己紹介",
            "自己PR",
            "プロフィール",
            "ひとこと",
        ),
    ),
    Field(
        "conversation_style",
        Kind.TEXT,
        Bilingual("How you like to talk", "話し方・進め方の希望"),
        roles=_HOSTS,
        max_length=500,
        headers=("meeting style", "conversation style", "面談スタイル", "面談方法", "進め方"),
    ),
    Field(
        "boundaries",
        Kind.TEXT,
        Bilingual("Topics you would rather not discuss", "話題にしてほしくないこと"),
        roles=_HOSTS,
        max_length=500,
        hint=Bilingual(
            "Shown to your interns before a meeting.", "面談の前に、担当のインターンに表示されます。"
        ),
        headers=("boundaries", "off limits", "避けたい話題", "NG話題"),
    ),
    Field(
        "place",
        Kind.LINE,
        Bilingual("Place", "地域"),
        max_length=80,
        headers=("place", "city", "location", "勤務地", "居住地", "場所"),
    ),
    Field(
        "free_time",
        Kind.HOURS,
        Bilingual("Free time", "空き時間"),
        max_length=500,
        expected=True,
        shown=False,
        headers=(
            "availability",
            "available",
            "free time",
            "曜日",
            "面談可能日",
            "面談可能時間",
            "希望時間帯",
            "都合のよい時間",
        ),
    ),
)

BY_KEY = {field.key: field for field in FIELDS}


def fields_for(role: Role, *owners: Owner) -> tuple[Field, ...]:
    """Return the fields that a participant with `role` has, in the order in which they are asked, optionally of some owners only."""
    return tuple(field for field in FIELDS if role in field.roles and (not owners or field.owner in owners))
