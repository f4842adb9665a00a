"""Both languages are whole: every text has its Japanese, no two areas disagree, fields are the same in both."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_file

from mentormatch.core.errors import MentorMatchError
from mentormatch.core.i18n import FOLDER, Speech, catalogues

PACKAGE = Path(str(FOLDER)).parent
FIELD = re.compile(r"%\((\w+)\)[sd]")


def _subclasses(kind: type) -> set[str]:
    return {kind.__name__}.union(*(_subclasses(child) for child in kind.__subclasses__()))


KEYWORDS = {
    **dict.fromkeys(("_", "N_", "gettext", "say", "notice", "LazyText", "Message"), None),
    **dict.fromkeys(_subclasses(MentorMatchError) - {"ConfigurationError"}, None),
    "ngettext": (1, 2),
}


def _texts() -> dict[str, str]:
    """Return every text of code and templates with the first file that has it."""
    found: dict[str, str] = {}
    for pattern, method in (("*.py", "python"), ("*.html", "jinja2.ext:babel_extract")):
        for path in sorted(PACKAGE.rglob(pattern)):
            for _, text, _, _ in extract_from_file(method, str(path), keywords=KEYWORDS, options={"trimmed": "false"}):
                key = text[0] if isinstance(text, tuple) else text
                if key:
                    found.setdefault(key, str(path.relative_to(PACKAGE)))
    return found


def _japanese() -> list[tuple[str, str]]:
    pairs = []
    for catalogue in catalogues("ja"):
        for message in catalogue:
            if message.id:
                key = message.id[0] if isinstance(message.id, tuple) else message.id
                text = message.string[0] if isinstance(message.string, tuple) else message.string
                assert not message.fuzzy, key
                pairs.append((key, text))
    return pairs


def _plurals() -> set[str]:
    """Return the plural keys; Japanese has one form for both."""
    messages = (message for catalogue in catalogues("ja") for message in catalogue)
    return {message.id[1] for message in messages if isinstance(message.id, tuple)}


def test_every_text_has_its_japanese():
    known = {key for key, text in _japanese() if text} | _plurals()
    assert {key: where for key, where in _texts().items() if key not in known} == {}


def test_no_translation_is_left_over():
    used = _texts()
    assert sorted(key for key, _ in _japanese() if key not in used) == []


def test_two_areas_never_disagree():
    first: dict[str, str] = {}
    assert [(key, text, first[key]) for key, text in _japanese() if first.setdefault(key, text) != text] == []


def test_fields_are_the_same_in_both_languages():
    odd = []
    for catalogue in catalogues("ja"):
        for message in catalogue:
            key = message.id if isinstance(message.id, str) else message.id[1]  # the plural has the number
            text = message.string if isinstance(message.string, str) else message.string[0]
            if key and set(FIELD.findall(key)) != set(FIELD.findall(text)):
                odd.append((key, text))
    assert odd == []


@pytest.mark.parametrize(("language", "text"), [("ja", "ログイン"), ("en", "Sign in")])
def test_speech_speaks(language, text):
    assert Speech(language).gettext("Sign in") == text
