"""Comparisons, `Matcher` and `Grouper` are estimators as scikit-learn means them, but for what they are fitted on.

scikit-learn's own checks run twice: on the estimators as they are, where the checks that need a matrix of features are
expected to fail, and on the same estimators behind a thin adapter that makes people out of the rows of a matrix, where
all of them have to pass.
"""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils.estimator_checks import parametrize_with_checks
from sklearn.utils.validation import validate_data

from mentormatch.core.errors import InvalidInput
from mentormatch.matching.comparisons.ordinal import Nearness
from mentormatch.matching.comparisons.plug_in import PlugIn
from mentormatch.matching.criteria import STATED_KINDS, Criterion, Rule
from mentormatch.matching.groups.distance import Difference
from mentormatch.matching.groups.grouper import Grouper
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.scores import COMPARISONS
from tests.unit.matching.people import AOI, EMMA, KEN, LIAM

ALL = slice(None)
KINDS = {kind: made for kind, made in COMPARISONS.items() if kind not in STATED_KINDS} | {"plug-in": PlugIn}

TWO_TABLES = "takes two tables of people, interns and hosts, and so no y"
NO_COLUMNS = "people have named fields, not numbered features"
NO_NUMBERS = "cells hold words, times, languages: what cannot be read is refused cell by cell and by name"
NO_SPARSE = "a table of people is never a sparse matrix"
NOBODY = "nobody at all is a valid table: everybody's answer is missing"

OF_COMPARISONS = {
    "check_fit_score_takes_y": TWO_TABLES,
    "check_n_features_in": NO_COLUMNS,
    "check_n_features_in_after_fitting": NO_COLUMNS,
    "check_complex_data": NO_NUMBERS,
    "check_dtype_object": NO_NUMBERS,
    "check_estimators_nan_inf": NO_NUMBERS,
    "check_estimators_empty_data_messages": NOBODY,
    "check_estimator_sparse_tag": NO_SPARSE,
    "check_estimator_sparse_array": NO_SPARSE,
    "check_estimator_sparse_matrix": NO_SPARSE,
    "check_fit1d": TWO_TABLES,
}
NO_MATRIX = "a matrix of features is refused by name: people are rows of fields, or a square matrix of distances"
OF_TABLES = OF_COMPARISONS | dict.fromkeys(
    (
        "check_estimators_overwrite_params",
        "check_dont_overwrite_parameters",
        "check_estimators_fit_returns_self",
        "check_readonly_memmap_input",
        "check_positive_only_tag_during_fit",
        "check_estimators_dtypes",
        "check_pipeline_consistency",
        "check_estimators_pickle",
        "check_f_contiguous_array_estimator",
        "check_methods_sample_order_invariance",
        "check_methods_subset_invariance",
        "check_fit2d_1sample",
        "check_fit2d_1feature",
        "check_dict_unchanged",
        "check_fit_idempotent",
        "check_fit_check_is_fitted",
        "check_fit2d_predict1d",
    ),
    NO_MATRIX,
)
del OF_TABLES["check_fit1d"]


def expected_to_fail(estimator):
    if isinstance(estimator, Matcher | Grouper):
        return OF_TABLES
    refused = {"check_estimator_sparse_tag"} if isinstance(estimator, PlugIn) else set()
    return {check: reason for check, reason in OF_COMPARISONS.items() if check not in refused}


@parametrize_with_checks(
    [Matcher(), Grouper(), *(made() for made in KINDS.values())], expected_failed_checks=expected_to_fail
)
def test_scikit_learn_checks_as_they_are(estimator, check):
    check(estimator)


# -- the same behind an adapter


def people_of(estimator, x):
    """Return the rows of a matrix as people with one field for each column."""
    x = validate_data(estimator, x, dtype=np.float64)
    return [{"id": number, **{f"x{place}": value for place, value in enumerate(row)}} for number, row in enumerate(x)]


class MatrixMatcher(Matcher):
    """Pairs each row with a row like it."""

    def fit(self, x, y=None):
        people = people_of(self, x)
        problem = {"criteria": [Criterion("x", "ordinal", ("x0",), ("x0",), 1)], "rules": []}
        Matcher.fit(inner := Matcher(**{**self.get_params(), **problem}), people, people)
        self.__dict__.update({name: value for name, value in vars(inner).items() if name.endswith("_")})
        return self


class MatrixNearness(Nearness):
    """Compares rows by their first column."""

    def __init__(self, intern_fields=("x0",), host_fields=("x0",), span=None, scale=None):
        super().__init__(intern_fields, host_fields, span, scale)

    def fit(self, x, y=None):
        people = people_of(self, x)
        return super().fit(people, people)


class MatrixGrouper(Grouper):
    """Groups rows by their distances."""

    def fit(self, x, y=None):
        values = validate_data(self, x, dtype=np.float64, ensure_min_samples=2)
        scale = np.ptp(values) or 1
        distances = np.abs(values[:, None] - values[None, :]).mean(axis=2) / scale
        self.labels_ = Grouper(groups=2, iterations=20).fit(distances).labels_
        return self


@parametrize_with_checks([MatrixMatcher(), MatrixNearness(), MatrixGrouper()])
def test_scikit_learn_checks_behind_an_adapter(estimator, check):
    check(estimator)


# -- on people

ROWS = [AOI, LIAM], [KEN, EMMA]
FIELDS = {
    "text": ("goals", "career"),
    "tags": ("industries", "industries"),
    "complement": ("wants", "offers"),
    "ordinal": ("id", "id"),
    "hours": ("free_time", "free_time"),
    "languages": ("languages", "languages"),
    "equality": ("industries", "industries"),
    "plug-in": ("goals", "career"),
}


def same_length(interns, hosts):
    return [[1.0 if len(one) == len(other) else 0.5 for other in hosts] for one in interns]


def made(kind):
    extra = {"compare": same_length} if kind == "plug-in" else {}
    left, right = FIELDS[kind]
    return KINDS[kind](intern_fields=(left,), host_fields=(right,), **extra)


@pytest.mark.parametrize("kind", KINDS)
def test_a_comparison_on_people(kind):
    comparison, rows = made(kind), copy.deepcopy(ROWS)
    with pytest.raises(NotFittedError):
        comparison.closeness(ALL, ALL)
    before = comparison.get_params()
    assert comparison.fit(*rows) is comparison
    assert (rows, comparison.get_params()) == (ROWS, before)
    table = comparison.closeness(ALL, ALL).tolist()
    assert comparison.fit(*ROWS).closeness(ALL, ALL).tolist() == table
    assert clone(comparison).fit(*ROWS).closeness(ALL, ALL).tolist() == table
    assert not hasattr(clone(comparison), "neutral_")
    assert pickle.loads(pickle.dumps(comparison)).closeness(ALL, ALL).tolist() == table
    changed = clone(comparison).set_params(intern_fields=("nothing",)).fit(*ROWS)
    assert changed.closeness(ALL, ALL).tolist() == [[500, 500], [500, 500]]
    assert repr(KINDS[kind]()) == f"{KINDS[kind].__name__}()"
    assert repr(comparison.set_params(intern_fields=("a",))).startswith(f"{KINDS[kind].__name__}(")


def test_a_matcher_on_people():
    rules = (Rule("talk", "shared_language"),)
    matcher = Matcher([Criterion("field", "tags", ("industries",), ("industries",), 1)], rules, staying=3)
    before, rows = matcher.get_params(), copy.deepcopy(ROWS)
    with pytest.raises(NotFittedError):
        matcher.explain(1)
    assert matcher.fit(*rows) is matcher
    assert rows == ROWS
    assert all(value is before[name] for name, value in matcher.get_params().items())
    for other in (clone(matcher).fit(*ROWS), pickle.loads(pickle.dumps(matcher)), copy.deepcopy(matcher)):
        assert other.pairs_ == matcher.pairs_
        assert other.get_params() == before
    assert clone(matcher).set_params(rules=[]).fit(*ROWS).problem_.rules == ()


def test_a_grouper_on_people():
    grouper = Grouper(groups=2, fields=[Difference("industries", "tags")])
    people = [AOI, LIAM, KEN, EMMA]
    assert grouper.fit(people) is grouper
    for other in (clone(grouper).fit(people), pickle.loads(pickle.dumps(grouper))):
        assert other.groups_ == grouper.groups_


@pytest.mark.parametrize("estimator", [Matcher(), Grouper()])
def test_what_is_no_table_is_a_value_error(estimator):
    with pytest.raises(ValueError, match="expected"):
        estimator.fit(np.zeros(3), np.zeros(3))
    with pytest.raises(InvalidInput):
        estimator.fit(np.zeros(3), np.zeros(3))
