"""Each comparison on cases that a person can check."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.comparison import FULL, Shared, Words
from mentormatch.matching.comparisons.equality import Equality
from mentormatch.matching.comparisons.hours import FreeTime
from mentormatch.matching.comparisons.languages import Languages
from mentormatch.matching.comparisons.ordinal import Nearness
from mentormatch.matching.comparisons.tags import SharedTags, WantsOffers
from mentormatch.matching.comparisons.text import TextSimilarity
from mentormatch.matching.criteria import STATED_KINDS, Criterion
from mentormatch.matching.scores import COMPARISONS, comparison_of
from tests.unit.matching.people import TEXTS, tables

ALL = slice(None)

ANSWERED = sorted(COMPARISONS.keys() - STATED_KINDS)
"""The comparisons of what people write in their profiles; for the others see `test_wishes`."""


def people(*values):
    return [{"id": number, "x": value} for number, value in enumerate(values)]


def closeness(comparison, mine, theirs):
    fitted = comparison(("x",), ("x",)).fit(people(*mine), people(*theirs))
    return fitted.closeness(ALL, ALL).tolist()


def test_shared_tags_in_both_languages():
    table = closeness(
        SharedTags, [["AI", "金融"]], [["人工知能", "finance"], ["retail"], ["AI・機械学習"], ["AI", "人事"]]
    )
    assert table == [[1000, 0, 816, 707]]  # 2 of 2 and 2 of 2; nothing; 2 of 3; 2 of 4, as square roots


def test_tags_that_share_rare_words_count_in_part():
    [[same, alike, other]] = closeness(
        SharedTags, [["地方で働くこと"]], [["地方で働くこと"], ["地方での暮らし"], ["海外駐在"]]
    )
    assert same == FULL
    assert 0 < alike < FULL
    assert other == 0


def test_what_more_a_host_offers_costs_nothing():
    table = closeness(WantsOffers, [["Python", "交渉"]], [["Python"], ["Negotiation", "Python", "AI", "農業"], ["AI"]])
    assert table == [[707, 1000, 0]]


def test_free_minutes_up_to_enough():
    mine = [[[0, 600, 660]], [[0, 0, 1440]]]
    theirs = [[[0, 630, 700]], [[1, 600, 660]], [[0, 600, 660], [0, 700, 760]]]
    assert closeness(FreeTime, mine, theirs) == [[250, 0, 500], [583, 0, 1000]]


def test_best_common_language():
    mine = [[["ja", 4]], [["ja", 2], ["en", 4]], [["pt", 4]]]
    theirs = [[["ja", 4]], [["en", 3], ["ja", 1]]]
    assert closeness(Languages, mine, theirs) == [[1000, 300], [600, 900], [0, 0]]


def test_nearness():
    assert closeness(Nearness, [1, 3], [1, 5]) == [[1000, 0], [500, 500]]
    scaled = Nearness(("x",), ("x",), scale=("B1", "B2", "B3")).fit(people("B1"), people("B2", "B3"))
    assert scaled.closeness(ALL, ALL).tolist() == [[500, 0]]
    assert closeness(Nearness, [2], [2]) == [[1000]]
    assert Nearness(("x",), ("x",), span=10).fit(people(2), people(7)).closeness(ALL, ALL).tolist() == [[500]]


def test_equality_ignores_width_case_and_language_only():
    table = closeness(Equality, ["工学部", "Tokyo", "法学"], ["工学部", "ＴＯＫＹＯ", "情報工学部", "law"])
    assert table == [[1000, 0, 0, 0], [0, 1000, 0, 0], [0, 0, 0, 1000]]


def test_ai_is_not_in_retail_but_in_japanese_compounds():
    mine = ["I want to work with AI."]
    theirs = ["Buyer for a retail chain in Thailand", "AI・機械学習の研究者", "人工知能を使う仕事", "農業と食品"]
    [[retail, compound, synonym, farming]] = closeness(TextSimilarity, mine, theirs)
    assert retail == farming == 0
    assert compound > 0
    assert synonym > 0


def test_japanese_texts_meet_by_their_words():
    mine = ["地方の公共交通をデータで支えたいです"]
    theirs = ["公共交通の計画に十年たずさわりました", "個人事業の経理を手伝っています", "ています。でしたから、なので"]
    [[transport, accounting, grammar]] = closeness(TextSimilarity, mine, theirs)
    assert transport > 300
    assert accounting == 0
    assert grammar == 0


def test_the_most_similar_texts_count_most():
    texts = ["robots in hospitals", "cooking for friends", "old trains"]
    rows, hosts = people(texts), people(texts, ["robots in hospitals"], ["robots in hospitals", "cooking in hospitals"])
    tables = {
        fading: TextSimilarity(("x",), ("x",), fading=fading).fit(rows, hosts).closeness(ALL, ALL).tolist()[0]
        for fading in (0, 0.9, 1)
    }
    assert tables[0][0] == tables[0][1] == tables[0][2] == FULL  # the best pair alone
    assert FULL > tables[0.9][0] > tables[1][0]  # 3 of 9 pairs are alike
    assert FULL > tables[0.9][1] > tables[1][1]  # 1 of 3
    assert tables[0.9][0] > tables[0.9][1]


@settings(deadline=None)
@given(fading=st.floats(0, 1), mine=st.lists(st.lists(TEXTS, max_size=3), max_size=3), theirs=st.lists(st.lists(TEXTS)))
def test_fading_means_are_what_exact_arithmetic_says(fading, mine, theirs):
    fitted = TextSimilarity(("x",), ("x",), fading=fading).fit(people(*mine), people(*theirs))
    table = fitted.closeness(ALL, ALL)
    for row, left in enumerate(fitted.intern_texts_):
        for column, right in enumerate(fitted.host_texts_):
            if left and right:
                assert abs(table[row, column] - by_hand(fitted, row, column)) <= 1


def by_hand(fitted, row, column):
    """Return the closeness of one pair in fractions, from the vectors of its texts."""
    places = (side[side >= 0] for side in (fitted.intern_places_[row], fitted.host_places_[column]))
    one, other = next(places), next(places)
    alike = (fitted.intern_vectors_[one] @ fitted.host_vectors_[other].T).toarray().ravel().tolist()
    weights = [round(1024 * fitted.fading**rank) for rank in range(len(alike))]
    mean = Fraction(sum(weight * value for weight, value in zip(weights, sorted(alike)[::-1], strict=True)), 1024**2)
    mean /= sum(weights)
    return min(FULL, FULL * Fraction("1.02") * mean / (mean + Fraction("0.02")))


@pytest.mark.parametrize("kind", ANSWERED)
def test_missing_answers_are_neutral_and_told(kind):
    value = {
        "text": "data and trains",
        "tags": ["AI"],
        "complement": ["AI"],
        "ordinal": 3,
        "hours": [[0, 0, 60]],
        "languages": [["ja", 4]],
        "equality": "law",
    }[kind]
    fitted = comparison_of(Criterion("c", kind, ("x",), ("x",), 1)).fit(people(value, None), people(value, None))
    table = fitted.closeness(ALL, ALL)
    assert table[0, 1] == table[1, 0] == table[1, 1] == fitted.neutral_
    assert 0 < fitted.neutral_ < table[0, 0] or kind == "hours"
    assert [fitted.missing(row, column) for row in (0, 1) for column in (0, 1)] == [
        (),
        ("host",),
        ("intern",),
        ("intern", "host"),
    ]
    assert isinstance(fitted.shared(1, 1), Shared)
    assert fitted.shared(1, 0).intern_words == ()


@pytest.mark.parametrize("kind", ANSWERED)
def test_nobody_at_all(kind):
    comparison = comparison_of(Criterion("c", kind, ("x",), ("y",), 1))
    for mine, theirs in (([], []), (people(None), []), ([], people(None)), (people(None), people(None))):
        fitted = clone(comparison).fit(mine, theirs)
        assert fitted.closeness(ALL, ALL).tolist() == [[FULL // 2] * len(theirs) for _ in mine]


def test_what_is_shared_is_told_in_both_spellings():
    mine = people(["データ分析", "AI"])
    theirs = people(["人事", "Data analytics"])
    assert SharedTags(("x",), ("x",)).fit(mine, theirs).shared(0, 0) == Shared(
        tags=(("データ分析", "Data analytics"),),
        intern_words=(Words("x", ["データ分析", "AI"]),),
        host_words=(Words("x", ["Data analytics", "人事"]),),
    )


def test_common_windows_are_told():
    fitted = FreeTime(("x",), ("x",)).fit(people([[4, 1080, 1260]]), people([[4, 1140, 1380], [5, 0, 60]]))
    shared = fitted.shared(0, 0)
    assert (shared.windows, shared.minutes) == (((4, 1140, 1260),), 120)


def test_common_languages_are_told_best_first():
    fitted = Languages(("x",), ("x",)).fit(people([["ja", 2], ["en", 4]]), people([["ja", 4], ["en", 3]]))
    assert fitted.shared(0, 0).languages == (("en", 4, 3), ("ja", 2, 4))


def test_common_terms_and_sentences_are_told():
    mine = people("都内で育ちました。公共交通のデータを調べています。AIも学びました。")
    theirs = people(
        "Cooking at home. I use artificial intelligence at work.", "週末は釣りをします。公共交通の計画を立てています！"
    )
    fitted = TextSimilarity(("x",), ("x",)).fit(mine, theirs)
    english, japanese = fitted.shared(0, 0), fitted.shared(0, 1)
    assert english.terms == ("AI",)
    assert english.host_words == (Words("x", "I use artificial intelligence at work."),)
    assert japanese.terms[0] == "公共交通"
    assert japanese.intern_words == (Words("x", "公共交通のデータを調べています。"),)
    assert japanese.host_words == (Words("x", "公共交通の計画を立てています！"),)


def test_long_sentences_are_cut():
    fitted = TextSimilarity(("x",), ("x",)).fit(people("農業" * 200), people("農業"))
    [words] = fitted.shared(0, 0).intern_words
    assert len(words.value) == 120
    assert words.value.endswith("…")


def test_cells_that_cannot_be_read_name_the_person():
    with pytest.raises(InvalidInput, match="'now'"):
        FreeTime(("x",), ("x",)).fit(people("now"), people(None))


FIELDS = {
    "text": "goals",
    "tags": "industries",
    "complement": "offers",
    "ordinal": "year",
    "hours": "free_time",
    "languages": "languages",
    "equality": "industries",
}


@settings(deadline=None)
@given(kind=st.sampled_from(ANSWERED), mine=tables(), theirs=tables(), data=st.data())
def test_blocks_and_order_do_not_matter(kind, mine, theirs, data):
    field = FIELDS[kind]
    comparison = comparison_of(Criterion("c", kind, (field,), (field,), 1)).fit(mine, theirs)
    table = comparison.closeness(ALL, ALL)
    assert table.dtype == np.int32
    assert table.shape == (len(mine), len(theirs))
    assert ((table >= 0) & (table <= FULL)).all()
    rows = np.array(data.draw(st.lists(st.integers(0, len(mine) - 1))) if mine else [], np.int64)
    columns = np.array(data.draw(st.lists(st.integers(0, len(theirs) - 1))) if theirs else [], np.int64)
    assert comparison.closeness(rows, columns).tolist() == table[rows][:, columns].tolist()
    assert comparison.closeness(slice(1, 3), slice(0, 2)).tolist() == table[1:3, 0:2].tolist()
    turned = clone(comparison).fit(mine[::-1], theirs[::-1]).closeness(ALL, ALL)
    assert turned[::-1, ::-1].tolist() == table.tolist()


def test_the_average_of_many_is_taken_from_a_sample():
    mine = people(*(["AI"] if number % 2 else ["農業"] for number in range(500)), None)
    fitted = SharedTags(("x",), ("x",)).fit(mine, people(["AI"]))
    assert fitted.neutral_ == 500
    assert fitted.closeness(slice(500, None), ALL).tolist() == [[500]]
