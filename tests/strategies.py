"""Hypothesis strategies that several tests share."""

from __future__ import annotations

from hypothesis import strategies as st

from mentormatch.core.field_kinds import Kind

_LINES = st.text(max_size=40)
_YEARS = st.integers(1890, 2110)
_RAW = {
    Kind.LINE: _LINES,
    Kind.CHOICE: _LINES,
    Kind.TEXT: st.text(max_size=120),
    Kind.TAGS: st.lists(
        st.text(max_size=20) | st.sampled_from(["AI・機械学習", "会計（簿記、FP）", "a,b", "(", ")、", "R"]), max_size=8
    ),
    Kind.LANGUAGES: st.lists(
        st.tuples(st.from_regex(r"[a-z]{2,3}", fullmatch=True) | st.sampled_from(["ja", "en"]), st.integers(1, 4)),
        max_size=6,
    ),
    Kind.HOURS: st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 1440)).map(
            lambda window: (window[0], min(window[1], window[2] - 1), window[2])
        ),
        max_size=6,
    ),
    Kind.NUMBER: st.integers(-10, 20_000) | _LINES,
    Kind.EMAIL: st.emails() | _LINES,
    Kind.CAREER: st.lists(st.tuples(_YEARS, st.none() | _YEARS, _LINES, st.none() | _LINES), max_size=5),
}


def raw_answer(kind: Kind) -> st.SearchStrategy:
    """Return answers as people and sheets give them, good ones and bad ones."""
    return _RAW[kind]
