"""Invented people for tests of the matching: two that a reader can picture, and any that Hypothesis can think of."""

from __future__ import annotations

from hypothesis import strategies as st

AOI = {
    "id": 1,
    "full_name": "鈴木 葵",
    "goals": "公共交通のデータ分析で、まちの暮らしを支えたいです。発表も上手になりたいです。",
    "industries": ["データ分析", "交通"],
    "wants": ["Python", "プレゼン"],
    "interests": ["登山"],
    "languages": [["ja", 4], ["en", 2]],
    "free_time": [[4, 1080, 1260], [5, 540, 720]],
    "supervisor": "boss@tsubame.example",
    "host_company": "つばめ運輸",
}
LIAM = {
    "id": 2,
    "full_name": "Liam Byrne",
    "goals": "I want to understand how retail chains decide what to sell.",
    "industries": ["Retail"],
    "wants": ["negotiation"],
    "languages": [["en", 4]],
    "free_time": [[4, 1080, 1260]],
}
KEN = {
    "id": 11,
    "full_name": "Ken Morita",
    "email": "morita@minato.example",
    "capacity": 2,
    "organisation": "Minato Data Works",
    "career": [[2019, None, "Minato Data Works", "Data scientist for city transport"]],
    "industries": ["Data analytics", "Transport"],
    "offers": ["Python", "Presentations"],
    "interests": ["hiking"],
    "languages": [["ja", 4], ["en", 3]],
    "free_time": [[4, 1140, 1200], [6, 540, 720]],
}
EMMA = {
    "id": 12,
    "full_name": "江間 恵",
    "email": "boss@tsubame.example",
    "capacity": 1,
    "organisation": "株式会社つばめ運輸",
    "career": [[2015, None, "株式会社つばめ運輸", "小売店への配送の交渉"]],
    "industries": ["小売"],
    "offers": ["交渉"],
    "languages": [["en", 3], ["ja", 4]],
    "free_time": [[4, 1080, 1140], [5, 540, 720]],
}

WORDS = st.sampled_from(
    ["AI", "人工知能", "retail", "小売", "AI・機械学習", "人事", "個人事業", "design", "デザイン", "農業"]
)
TEXTS = st.lists(
    st.sampled_from(["データを分析する", "I plan retail campaigns", "AI and design", "農業と食品", "。", ""]),
    max_size=3,
).map(" ".join)


@st.composite
def windows(draw):
    start = draw(st.integers(0, 20))
    return [draw(st.integers(0, 6)), start * 60, (start + draw(st.integers(1, 4))) * 60]


def maybe(strategy):
    return st.none() | strategy


def profiles(**extra):
    """Rows without id in which anything may be missing."""
    return st.fixed_dictionaries(
        {
            "goals": maybe(TEXTS),
            "offers": maybe(st.lists(WORDS, max_size=3)),
            "industries": maybe(st.lists(WORDS, max_size=3)),
            "free_time": maybe(st.lists(windows(), max_size=2)),
            "languages": maybe(
                st.lists(st.tuples(st.sampled_from(["ja", "en"]), st.integers(1, 4)).map(list), max_size=2)
            ),
            "year": maybe(st.integers(1, 4)),
            **extra,
        }
    )


@st.composite
def tables(draw, most=5, **extra):
    """A table of up to `most` people with ids in any order."""
    rows = draw(st.lists(profiles(**extra), max_size=most))
    ids = draw(st.permutations(range(len(rows))))
    return [{"id": number, **row} for number, row in zip(ids, rows, strict=True)]


def host_tables(most=4):
    return tables(most, capacity=st.integers(0, 2))
