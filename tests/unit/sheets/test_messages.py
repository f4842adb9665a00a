"""What the sheets say, in both languages."""

from __future__ import annotations

from mentormatch.core.i18n import Speech
from mentormatch.sheets.findings import WORDINGS
from mentormatch.sheets.messages import Message

japanese = Speech("ja").gettext


def test_a_message_fills_in_its_fields_after_translation() -> None:
    message = Message("Row %(row)s: expected a name, found nothing.", {"row": 42})
    assert str(message) == "Row 42: expected a name, found nothing."
    assert message.to(japanese) == "42行目：氏名が空欄です。"
    assert Message("%(inner)s!", {"inner": message}).to(japanese) == "42行目：氏名が空欄です。!"
    assert str(Message("100% sure")) == "100% sure"


def test_the_line_of_the_design_reads_as_designed() -> None:
    line = Message(WORDINGS["email_full_width"].line, {"row": 42, "column": "Mail", "found": "y.kudo＠example.ac.jp"})
    assert str(line) == "Row 42, Mail: expected name@domain, found “y.kudo＠example.ac.jp” (full-width letters)."
    assert line.to(japanese) == "42行目「Mail」：全角文字が含まれています（y.kudo＠example.ac.jp）。"


def test_every_problem_has_a_title_and_a_line_in_japanese() -> None:
    texts = [text for wording in WORDINGS.values() for text in (wording.title, wording.line)]
    assert [text for text in texts if japanese(text) == text] == []
