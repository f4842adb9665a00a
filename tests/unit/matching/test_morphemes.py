"""Japanese words as SudachiPy finds them, and what is said where it is missing."""

from __future__ import annotations

import sys

import pytest

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons import morphemes as module
from mentormatch.matching.comparisons.comparison import Words
from mentormatch.matching.comparisons.morphemes import check_installed, morphemes
from mentormatch.matching.comparisons.text import TextSimilarity
from mentormatch.matching.comparisons.words import terms, terms_at, terms_with_morphemes
from mentormatch.matching.criteria import Criterion
from mentormatch.matching.matcher import Matcher

ALL = slice(None)


def people(*texts):
    return [{"id": number, "x": text} for number, text in enumerate(texts)]


def closeness(mine, theirs, japanese="sudachi"):
    fitted = TextSimilarity(("x",), ("x",), japanese=japanese).fit(people(*mine), people(*theirs))
    return fitted.closeness(ALL, ALL).tolist()


def test_words_are_cut_and_normalised_and_grammar_is_left_out():
    text = "データ分析のシュミレーションを学び、引越しを支えたいです。"
    found = list(morphemes(text))
    assert [name for name, _, _ in found] == [
        "データ分析", "データ", "分析", "シミュレーション", "学ぶ", "引っ越し", "支える",
    ]  # fmt: skip
    assert [text[start:end] for _, start, end in found][3:] == ["シュミレーション", "学び", "引越し", "支え"]


def test_places_are_right_in_every_sentence_however_long():
    text = "公共交通。" * 3000 + "あ" * 9000 + "農業の研究"
    found = list(morphemes(text))
    assert all(text[start:end] == name for name, start, end in found if name in {"公共", "交通", "農業", "研究"})
    assert [name for name, _, _ in found].count("交通") == 3000


def test_latin_words_korean_and_concepts_are_as_before():
    assert terms("I plan retail campaigns.", terms_with_morphemes) == terms("I plan retail campaigns.")
    assert terms("데이터", terms_with_morphemes) == terms("데이터")
    mixed = terms("AI研究", terms_with_morphemes)
    assert set(mixed) - set(terms("AI研究")) == set()
    assert "研究" in mixed


def test_everyday_words_tell_nothing():
    assert [name for name in terms("仕事の経験を話します", terms_with_morphemes) if name in {"仕事", "経験"}] == []


def test_spellings_meet_that_n_grams_keep_apart():
    mine, theirs = ["引越しのシュミレーション"], ["引っ越しのシミュレーション", "農業と食品"]
    assert closeness(mine, theirs)[0][0] > closeness(mine, theirs, "grams")[0][0]
    assert closeness(mine, theirs)[0][1] == 0


def test_common_words_are_told_as_each_wrote_them():
    fitted = TextSimilarity(("x",), ("x",), japanese="sudachi")
    shared = fitted.fit(people("来月は引越しです。"), people("映画を見ます。引っ越しの会社にいます。")).shared(0, 0)
    assert shared.terms == ("引越し",)
    assert shared.host_words == (Words("x", "引っ越しの会社にいます。"),)


def test_a_criterion_asks_for_it():
    criterion = Criterion("goals", "text", ("x",), ("x",), 1, params={"japanese": "sudachi"})
    matcher = Matcher([criterion], rules=[]).fit(people("引越し"), people("引っ越し", "農業"))
    assert [(pair.host, pair.shown) for pair in matcher.pairs_] == [(0, 100)]
    with pytest.raises(InvalidInput, match="goals: expected japanese to be one of grams, sudachi, found 'mecab'"):
        Criterion("goals", "text", ("x",), ("x",), 1, params={"japanese": "mecab"})


@pytest.mark.parametrize("missing", ["sudachipy", "sudachidict_core"])
def test_without_the_packages_it_says_what_to_install(monkeypatch, missing):
    monkeypatch.setitem(sys.modules, missing, None)
    module._dictionary.cache_clear()
    try:
        with pytest.raises(InvalidInput, match=r"Install mentormatch\[sudachi\]"):
            closeness(["農業"], ["農業"])
        assert closeness(["農業"], ["農業"], "grams") == [[1000]]
        with pytest.raises(InvalidInput, match="sudachi"):
            check_installed()
    finally:
        module._dictionary.cache_clear()


def test_the_usual_analysis_needs_no_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "sudachipy", None)
    assert [term.name for term in terms_at("農業研究")] == ["農業", "研究", "農業研究", "=agriculture"]
