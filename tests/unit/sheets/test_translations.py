"""Every text of the sheets exists in Japanese."""

from __future__ import annotations

import re
from importlib.resources import files

from babel.messages.pofile import read_po

from mentormatch.sheets.findings import WORDINGS
from mentormatch.sheets.messages import Message
from tests.unit.sheets.emitted_texts import emitted_texts

_FIELD = re.compile(r"%\((\w+)\)s")


def catalogue() -> dict[str, str]:
    path = files("mentormatch") / "translations" / "ja" / "sheets.po"
    with path.open("rb") as source:
        return {str(message.id): str(message.string) for message in read_po(source, locale="ja") if message.id}


def test_every_text_is_translated_and_no_other() -> None:
    assert emitted_texts() == set(catalogue())
    assert all(catalogue().values())


def test_every_wording_was_found_in_the_source() -> None:
    assert {text for wording in WORDINGS.values() for text in (wording.title, wording.line)} <= emitted_texts()


def test_translations_name_the_same_fields() -> None:
    strange = {
        text for text, japanese in catalogue().items() if not set(_FIELD.findall(japanese)) <= set(_FIELD.findall(text))
    }
    assert strange == set()
    lost = {text: set(_FIELD.findall(text)) - set(_FIELD.findall(japanese)) for text, japanese in catalogue().items()}
    assert {text for text, fields in lost.items() if fields} == set()


def test_a_message_fills_in_its_fields_after_translation() -> None:
    message = Message("Row %(row)s: expected a name, found nothing.", {"row": 42})
    assert str(message) == "Row 42: expected a name, found nothing."
    assert message.to(catalogue().__getitem__) == "42行目：氏名が空欄です。"
    assert (
        Message("%(inner)s!", {"inner": message}).to(lambda text: catalogue().get(text, text))
        == "42行目：氏名が空欄です。!"
    )
    assert str(Message("100% sure")) == "100% sure"


def test_the_line_of_the_design_reads_as_designed() -> None:
    line = Message(WORDINGS["email_full_width"].line, {"row": 42, "column": "Mail", "found": "y.kudo＠example.ac.jp"})
    assert str(line) == "Row 42, Mail: expected name@domain, found “y.kudo＠example.ac.jp” (full-width letters)."
    assert line.to(catalogue().__getitem__) == "42行目「Mail」：全角文字が含まれています（y.kudo＠example.ac.jp）。"
