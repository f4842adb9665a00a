"""Japanese words as the morphological analyser SudachiPy cuts and spells them: an extra, ``mentormatch[sudachi]``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

from mentormatch.core.errors import InvalidInput

if TYPE_CHECKING:
    from sudachipy import Dictionary, Morpheme

_SENTENCE = re.compile(r"[^。！？!?\n]{1,4000}[。！？!?\n]*")
"""Cut before the analyser's limit of 49,149 bytes, and where no word goes on."""

_TELLING = {"名詞": {"普通名詞", "固有名詞"}, "動詞": {"一般"}, "形容詞": {"一般"}, "形状詞": {"一般", "タリ"}}
"""Parts of speech, and their divisions, that say what a text is about: not particles, counters, 見る or ある."""


def check_installed() -> None:
    """Raise `InvalidInput` where SudachiPy or its dictionary is missing."""
    try:
        _dictionary()
    except (ImportError, OSError) as error:
        raise InvalidInput(
            "Japanese texts: %(option)s needs the packages SudachiPy and SudachiDict-core, which cannot be loaded. "
            "Install mentormatch[sudachi], or leave the option out.",
            field="params",
            option="sudachi",
        ) from error


def morphemes(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the telling words of a text as (normalised spelling, start, end).

    Words are the long units of the dictionary (mode C), and of compounds their short units (mode A) too: データ分析 is
    itself, データ and 分析. Normalised, シュミレーション is シミュレーション and 引越し is 引っ越し.
    """
    modes = _modes()
    analyser = _dictionary().tokenizer(mode=modes.C)
    for sentence in _SENTENCE.finditer(text):
        for word in analyser.tokenize(sentence.group()):
            if _tells(word):
                yield _placed(word, sentence.start())
                yield from (
                    _placed(part, sentence.start()) for part in word.split(modes.A, add_single=False) if _tells(part)
                )


def _tells(word: Morpheme) -> bool:
    part, division, *_ = word.part_of_speech()
    return division in _TELLING.get(part, ())


def _placed(word: Morpheme, start: int) -> tuple[str, int, int]:
    return word.normalized_form(), start + word.begin(), start + word.end()


@cache
def _dictionary() -> Dictionary:
    from sudachipy import Dictionary  # an extra: only where it is asked for

    return Dictionary(dict="core")


def _modes() -> Any:
    from sudachipy import SplitMode  # an extra: only where it is asked for

    return SplitMode
