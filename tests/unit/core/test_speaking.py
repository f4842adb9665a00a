"""How long a text takes to say."""

from __future__ import annotations

import pytest

from mentormatch.core.speaking import spoken_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 0),
        ("あ" * 150, 30),
        ("word " * 70, 30),
        ("あ" * 75 + " word" * 35, 30),
        ("I've learnt well-being.", 1),
        ("森田です。よろしく！", 2),
    ],
)
def test_japanese_letters_and_words_add_up(text, seconds):
    assert spoken_seconds(text) == seconds
