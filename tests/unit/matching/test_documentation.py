"""The worked examples of the documentation, and the one in the matcher's docstring, give what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from mentormatch.matching import matcher

DOCS = Path(__file__).parents[3] / "docs"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.mark.parametrize(("page", "least"), [("matching.md", 25), ("groups.md", 6)])
def test_the_page(page, least):
    found = doctest.testfile(str(DOCS / page), module_relative=False, encoding="utf-8", optionflags=OPTIONS)
    assert found.failed == 0
    assert found.attempted >= least


def test_the_docstring():
    found = doctest.testmod(matcher)
    assert (found.failed, found.attempted > 3) == (0, True)
