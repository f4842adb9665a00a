"""The worked example of the documentation, and the one in the matcher's docstring, give what they say."""

from __future__ import annotations

import doctest
from pathlib import Path

from mentormatch.matching import matcher

PAGE = Path(__file__).parents[3] / "docs" / "matching.md"
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def test_the_page():
    found = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8", optionflags=OPTIONS)
    assert found.failed == 0
    assert found.attempted > 15


def test_the_docstring():
    found = doctest.testmod(matcher)
    assert (found.failed, found.attempted > 3) == (0, True)
