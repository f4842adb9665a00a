"""From written language to terms, tags to atoms, and names to concepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mentormatch.matching.comparisons.concepts import CONCEPTS, concept_named, concepts_in
from mentormatch.matching.comparisons.words import atoms, readable, stem, terms, terms_at


def same(*tags):
    return bool(frozenset.intersection(*map(atoms, tags)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI", "ＡＩ"),
        ("AI", "ai"),
        ("AI", "AI・機械学習"),
        ("AI", "人工知能"),
        ("AI", "Artificial Intelligence"),
        ("AI", "AI人材育成"),
        ("機械学習", "Machine Learning"),
        ("データ分析", "data analytics"),
        ("マーケティング", "Marketing"),
        ("人事", "HR"),
        ("人事", "人事・労務"),
        ("金融", "Finance"),
        ("コンピューター", "コンピュータ"),
        ("R&D", "研究開発"),
        ("まちづくり", "urban planning"),
        ("internships", "Internship"),
        ("it", "IT"),
        ("エネルギー", "Energy"),
        ("メーカーの営業", "製造業"),
    ],
)
def test_tags_that_mean_the_same(one, other):
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AI", "retail"),
        ("AI", "Thailand"),
        ("AI", "email marketing"),
        ("人事", "個人事業"),
        ("IT", "Italy"),
        ("PR", "product design"),
        ("R&D", "D&I"),
        ("企画", "financial planning"),
    ],
)
def test_tags_that_do_not(one, other):
    assert not same(one, other)


def test_a_list_in_a_tag_has_parts_but_a_name_has_none():
    assert same("UI/UX", "UX")
    assert same("UI/UX", "UI")
    assert not same("R&D", "D")
    assert not same("C++", "C")


def test_concepts_are_found_as_words_of_their_own():
    text = "AIと人工知能、retail、個人事業、企業人事。Is it IT? Data Analysis"
    keys = [key for key, _, _ in concepts_in(text)]
    ai = "artificial intelligence"
    assert keys == [ai, ai, "retail", "human resources", "IT", "data analysis"]


def test_everyday_words_name_a_concept_as_a_whole_tag_only():
    assert concept_named("Running") == "running"
    assert [key for key, _, _ in concepts_in("running a team and reading reports")] == []


def test_no_name_stands_for_two_concepts():
    names = [name.rstrip("*").lower() for names in CONCEPTS for name in dict.fromkeys(names)]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("studies", "study"),
        ("companies", "company"),
        ("analysis", "analysis"),
        ("matches", "match"),
        ("planning", "plan"),
        ("planned", "plan"),
        ("plans", "plan"),
        ("designing", "design"),
        ("managing", "manag"),
        ("manage", "manag"),
        ("sing", "sing"),
        ("ai", "ai"),
        ("été", "été"),
        ("business", "business"),
    ],
)
def test_light_stemming(word, root):
    assert stem(word) == root


def test_english_gives_stems_and_pairs_without_grammar():
    found = terms("I would like to plan robots. Clever robots!")
    assert found == ["plan", "robot", "plan robot", "clever", "robot", "clever robot"]


def test_japanese_gives_kanji_words_and_katakana_without_grammar():
    assert terms("個人事業の仕事を見学したいです") == ["個人", "事業", "個人事業", "見学"]
    assert terms("ドローンで測量") == ["ドロー", "ローン", "ドローン", "測量"]
    assert terms("コンピューター") == terms("コンピュータ")


def test_terms_know_how_they_were_written():
    assert [term.written for term in terms_at(readable("Ｐｙｔｈｏｎ入門"))] == ["Python", "入門"]


@given(st.text(max_size=60))
def test_any_text_can_be_read(text):
    plain = readable(text)
    for term in terms_at(plain):
        assert plain[term.start : term.end] == term.written
    assert isinstance(atoms(text), frozenset)
