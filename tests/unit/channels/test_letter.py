"""Letters: every kind exists in both languages and leaves no hole."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest

from mentormatch.channels import mailbox
from mentormatch.channels.letter import Letter, compose
from mentormatch.channels.mail import FolderWay, build
from mentormatch.services.letters import LETTERS

FIELDS = {
    name: f"«{name}»"
    for name in (
        "called",
        "programme",
        "organisation",
        "link",
        "other",
        "other_called",
        "work",
        "studies",
        "answer_by",
        "kind",
        "minutes",
        "host",
        "intern",
        "next_text",
        "reason_text",
        "kind_of_host",
        "number",
        "asker",
        "pairs",
    )
}


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_every_letter_is_whole_in_both_languages(kind, language):
    letter = compose(kind, language, FIELDS)
    assert "$" not in letter.subject + letter.body
    assert "\n" not in letter.subject
    assert "«link»" in letter.body.split("\n")  # alone on its line, so that it becomes a link


def test_a_missing_field_is_an_error_and_no_hole():
    with pytest.raises(KeyError):
        compose("match_intern", "en", {"called": "Aoi"})


def test_a_line_break_in_a_name_stays_in_its_line():
    letter = compose("sign_in_link", "en", FIELDS | {"called": "Aoi\r\nBcc: all@example.ac.jp"})
    assert letter.body.startswith("Hello Aoi Bcc: all@example.ac.jp,\n")


def _mail(**changes):
    values = {
        "sender": "キャリアセンター <career@example.ac.jp>",
        "to": "aoi@example.ac.jp",
        "name": "鈴木 葵\r\nBcc: x@example.ac.jp",
        "mail_id": "<1@example.ac.jp>",
        "language": "ja",
        "at": datetime(2026, 11, 22, 3, tzinfo=UTC),
        **changes,
    }
    return build(Letter("【春】<決定>", "葵さん\n\nhttps://mm.example.ac.jp/x?a=1&b=2\n\n<b>\n"), **values)


def test_the_mail_has_one_recipient_and_both_bodies():
    read = message_from_bytes(_mail().as_bytes(), policy=default)
    assert [address.addr_spec for address in read["To"].addresses] == ["aoi@example.ac.jp"]
    assert read["Bcc"] is None
    assert read["Subject"] == "【春】<決定>"
    assert read.get_body(("plain",)).get_content().split() == ["葵さん", "https://mm.example.ac.jp/x?a=1&b=2", "<b>"]
    html = read.get_body(("html",)).get_content()
    assert '<a href="https://mm.example.ac.jp/x?a=1&amp;b=2">' in html
    assert "<b>" not in html


def test_the_folder_keeps_a_repeated_mail_once(tmp_path):
    way = FolderWay(tmp_path / "mailbox")
    way.send(_mail())
    way.send(_mail())
    (kept,) = mailbox.kept(tmp_path / "mailbox")
    assert (kept.subject, kept.language) == ("【春】<決定>", "ja")
    assert mailbox.one(tmp_path / "mailbox", kept.key) == kept
    assert mailbox.one(tmp_path / "mailbox", "../../etc/passwd") is None


def test_an_empty_mailbox_is_empty(tmp_path):
    assert mailbox.kept(tmp_path / "none") == []
