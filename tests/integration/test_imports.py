"""The import wizard and the exports, from the upload to the rows in the database."""

from __future__ import annotations

import csv
import io
import re
import threading
from datetime import timedelta
from pathlib import Path
from urllib.parse import unquote

import openpyxl
import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from mentormatch.core.clock import now
from mentormatch.core.errors import Conflict, NotPermitted
from mentormatch.core.roles import Role
from mentormatch.models import AuditEvent, Enrolment, Person, Programme, Staff, Upload, UploadMapping, UploadState
from mentormatch.queries import actors, import_preview, programmes
from mentormatch.queries import imports as import_queries
from mentormatch.services import import_writing, imports
from mentormatch.services.import_repairs import Wish
from tests.factories import a_client, a_person, a_programme, a_staff_member, an_enrolment, post

SHEETS = Path(__file__).parents[2] / "examples" / "sheets"
INTERNS = (SHEETS / "interns_2027.csv").read_bytes()
FACULTIES = [
    *(
        "文学部",
        "教育学部",
        "法学部",
        "経済学部",
        "商学部",
        "経営学部",
        "社会学部",
        "国際教養学部",
        "理工学部",
        "情報学部",
    ),
    *("農学部", "薬学部", "医療看護学部", "美術学部"),
]


@pytest.fixture
def programme(session: Session) -> Programme:
    return a_programme(session, slug="spring", choices={"faculty": FACULTIES})


@pytest.fixture
def admin(session: Session, programme: Programme) -> Person:
    return a_staff_member(
        session, programme, family_name="加藤", given_name="あかり", romaji="Akari Kato", language="en"
    )


@pytest.fixture
def client(app, session, admin):
    return a_client(app, session, admin)


def a_sheet(*rows: str, heading: str = "氏名,Mail,学部,目標") -> bytes:
    return "\r\n".join([heading, *rows]).encode("cp932")


class Desk:
    """An admin at work without a browser: the services, with the present state filled in."""

    def __init__(self, session: Session, programme: Programme, admin: Person) -> None:
        self.session, self.slug = session, programme.slug
        self.actor = actors.of_person(session, admin)

    @property
    def programme(self):
        return programmes.by_slug(self.session, self.slug)

    def upload(self, content: bytes, name: str = "people.csv", role: str = "intern") -> int:
        return imports.upload(
            self.session, actor=self.actor, programme=self.programme, filename=name, content=content, default_role=role
        )

    def preview(self, upload_id: int):
        return import_preview.of(self.session, self.programme, upload_id)[1]

    def rev(self, upload_id: int) -> int:
        return import_queries.draft(self.session, self.programme.id, upload_id).rev

    def correct(self, upload_id: int, wish: Wish) -> None:
        rev = self.rev(upload_id)
        imports.correct(
            self.session, actor=self.actor, programme=self.programme, upload_id=upload_id, rev=rev, wish=wish
        )

    def run(self, upload_id: int, *, rev: int | None = None, good: int | None = None) -> dict:
        return imports.run(
            self.session,
            actor=self.actor,
            programme=self.programme,
            upload_id=upload_id,
            rev=self.rev(upload_id) if rev is None else rev,
            good=self.preview(upload_id).good if good is None else good,
            language="en",
        )

    def take(self, content: bytes, **options: str) -> dict:
        return self.run(self.upload(content, **options))


@pytest.fixture
def desk(session, programme, admin) -> Desk:
    return Desk(session, programme, admin)


def enrolled(session: Session, programme: Programme) -> dict[tuple[str, str], Enrolment]:
    session.expire_all()
    rows = session.scalars(select(Enrolment).where(Enrolment.programme_id == programme.id))
    return {(row.person.email, row.role.value): row for row in rows}


def send(client, content: bytes, name: str = "interns_2027.csv", role: str = "intern"):
    return post(client, "/programmes/spring/imports/", {"file": (io.BytesIO(content), name), "role": role})


def page(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return answer.text


def form_values(html: str, action: str) -> list[dict[str, str]]:
    """Return the hidden values of each form that is sent to `action`."""
    forms = re.findall(rf'<form[^>]*action="[^"]*/{action}"[^>]*>(.*?)</form>', html, re.DOTALL)
    return [dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)) for form in forms]


# -- the whole way in a browser without scripts


def test_a_career_centres_sheet_from_upload_to_people(client, session, programme):
    before = session.scalar(select(func.count()).select_from(Person))
    answer = send(client, INTERNS)
    assert (answer.status_code, answer.location) == (303, "/programmes/spring/imports/1/columns")
    shown = page(client, answer.location)
    assert "Shift_JIS (CP932)" in shown
    assert "14 matched · 0 to check · 1 ignored" in shown
    assert "髙木 紗英" in page(client, "/programmes/spring/imports/1/check")

    wishes = {wish["kind"]: wish for wish in form_values(shown, "corrections")}
    assert post(client, "/programmes/spring/imports/1/corrections", wishes["cells"]).status_code == 303
    stale = {**wishes["replace"], "value": "経営学部"}
    assert "has changed in the meantime" in page(
        client, post(client, "/programmes/spring/imports/1/corrections", stale).location
    )
    post(client, "/programmes/spring/imports/1/corrections", {**stale, "rev": "2"})
    typed = {
        "rev": "3",
        "group": "duplicate:3",
        "kind": "cell",
        "row": "12",
        "value": "r.shibata2@student.example.ac.jp",
    }
    post(client, "/programmes/spring/imports/1/corrections", {**typed, "next": "problems"})
    assert "No problems left" in page(client, "/programmes/spring/imports/1/problems")
    assert session.scalar(select(func.count()).select_from(Person)) == before

    check = page(client, "/programmes/spring/imports/1/check")
    assert "Import 14 rows" in check
    answer = post(client, "/programmes/spring/imports/1/run", form_values(check, "run")[0])
    done = page(client, answer.location)
    assert re.findall(r"<dd[^>]*>(\d+)", done) == ["14", "0", "0", "0", "0"]
    people = enrolled(session, programme)
    assert len(people) == 14
    row = people["y.kudo@student.example.ac.jp", "intern"]
    assert (row.person.family_name, row.person.given_name, row.person.family_kana) == ("工藤", "優", "クドウ")
    assert (row.number, row.profile["industries"], row.profile["free_time"]) == (
        "J24-0077",
        ["法務", "人事"],
        [[0, 1080, 1200]],
    )
    assert people["k.koike@student.example.ac.jp", "intern"].profile["faculty"] == "経営学部"


def test_after_the_import_only_numbers_remain(client, session, desk):
    report = desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,休み方を調べる", "田中 蓮,,法学部,"))
    upload = session.scalar(select(Upload).where(Upload.state == UploadState.IMPORTED))
    assert (upload.content, upload.mapping, upload.corrections, upload.preview) == (b"", {}, {}, {})
    assert upload.report == report
    assert {key: report[key] for key in ("rows", "add", "update", "same", "fix", "skip")} == {
        "rows": 2,
        "add": 1,
        "update": 0,
        "same": 0,
        "fix": 1,
        "skip": 0,
    }
    trail = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [entry.action for entry in trail] == ["sheet.uploaded", "sheet.imported"]
    assert "佐藤" not in str([entry.detail for entry in trail])
    listed = page(client, "/programmes/spring/imports/")
    assert "Akari Kato" in listed
    assert "people.csv" in listed


# -- updates, never duplicates


def test_importing_again_updates_and_leaves_alone_what_the_sheet_does_not_say(session, programme, desk):
    desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,休み方を調べる"))
    assert desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,休み方を調べる"))["same"] == 1
    upload = desk.upload(a_sheet("佐藤 美咲,A@EXAMPLE.ac.jp,,発表の練習", heading="氏名,Mail,スキル,目標"))
    assert [person.changes for person in desk.preview(upload).updated] == [[["goals", "休み方を調べる", "発表の練習"]]]
    assert desk.run(upload)["update"] == 1
    row = enrolled(session, programme)["a@example.ac.jp", "intern"]
    assert row.profile == {"faculty": "経済学部", "goals": "発表の練習"}
    assert session.scalar(select(func.count()).select_from(Person).where(Person.email_key == "a@example.ac.jp")) == 1


def test_the_same_person_in_another_role_is_enrolled_a_second_time(session, programme, desk):
    desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,"))
    desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,2", heading="氏名,Mail,受入人数"), role="mentor")
    people = enrolled(session, programme)
    assert sorted(people) == [("a@example.ac.jp", "intern"), ("a@example.ac.jp", "mentor")]
    assert len({row.person_id for row in people.values()}) == 1
    assert people["a@example.ac.jp", "mentor"].capacity == 2


def test_two_roles_in_one_sheet(session, programme, desk):
    sheet = a_sheet("森田 健,m@example.com,メンター", "森田 健,m@example.com,卒業生", heading="氏名,Mail,区分")
    assert desk.take(sheet, role="")["add"] == 2
    assert sorted(enrolled(session, programme)) == [("m@example.com", "alumnus"), ("m@example.com", "mentor")]


def test_who_is_only_known_elsewhere_is_neither_changed_nor_told(session, programme, desk):
    stranger = a_person(session, email="s@example.com", family_name="本名", given_name="花子", language="en")
    upload = desk.upload(a_sheet("偽名 太郎,ニセ タロウ,s@example.com,日本語", heading="氏名,フリガナ,Mail,案内言語"))
    preview = desk.preview(upload)
    assert [(person.name.family, person.changes) for person in preview.added] == [("偽名", [])]
    assert "本名" not in str(import_preview.to_json(preview))
    desk.run(upload)
    session.refresh(stranger)
    assert (stranger.family_name, stranger.language, stranger.family_kana) == ("本名", "en", "ニセ")


@pytest.mark.parametrize(("heading", "cell", "expected"), [("受入人数", "1", (1, 1)), ("最低人数", "4", (4, 4))])
def test_places_and_minimum_stay_possible(session, programme, desk, heading, cell, expected):
    person = a_person(session, email="m@example.com", family_name="森田", given_name="健")
    an_enrolment(session, programme, Role.MENTOR, person=person, capacity=3, minimum=2)
    desk.take(a_sheet(f"森田 健,m@example.com,{cell}", heading=f"氏名,Mail,{heading}"), role="mentor")
    row = enrolled(session, programme)["m@example.com", "mentor"]
    assert (row.capacity, row.minimum) == expected


# -- once, and whole


def test_a_second_click_changes_nothing_and_says_the_same(session, programme, desk):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,"))
    first = desk.run(upload)
    assert desk.run(upload, rev=1, good=1) == first
    assert [event.action for event in session.scalars(select(AuditEvent))].count("sheet.imported") == 1


def test_two_admins_at_once_import_once(engine, session, programme, desk):
    """Both have seen a draft before either begins."""
    upload = desk.upload(a_sheet(*(f"佐藤 {n},a{n}@example.ac.jp,経済学部," for n in range(50))))
    reports: list[dict] = []
    barrier = threading.Barrier(2, timeout=20)

    def work() -> None:
        with Session(engine) as own:
            found = import_queries.draft(own, desk.programme.id, upload)
            barrier.wait()
            reports.append(
                imports.run(
                    own,
                    actor=desk.actor,
                    programme=programmes.by_slug(own, "spring"),
                    upload_id=upload,
                    rev=found.rev,
                    good=50,
                    language="en",
                )
            )

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reports[0] == reports[1]
    assert (reports[0]["add"], len(enrolled(session, programme))) == (50, 50)
    assert [event.action for event in session.scalars(select(AuditEvent))].count("sheet.imported") == 1


def test_an_import_that_dies_half_way_has_written_nothing(session, programme, desk, monkeypatch):
    upload = desk.upload(a_sheet(*(f"佐藤 {n},a{n}@example.ac.jp,経済学部," for n in range(30))))
    written = []

    def dies(*arguments):
        if written:
            raise KeyboardInterrupt
        written.append(original(*arguments))
        return written[0]

    original = import_writing._write_portion
    monkeypatch.setattr("mentormatch.queries.import_plan.BATCH", 10)
    monkeypatch.setattr(import_writing, "_write_portion", dies)
    with pytest.raises(KeyboardInterrupt):
        desk.run(upload)
    assert len(written[0]) == 10
    session.rollback()
    assert (enrolled(session, programme), desk.preview(upload).good) == ({}, 30)
    monkeypatch.setattr(import_writing, "_write_portion", original)
    assert desk.run(upload)["add"] == 30


def test_other_rows_than_those_seen_are_not_imported(session, programme, desk):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,経済学部,", "田中 蓮,b@example.ac.jp,法学部,"))
    programme.choices = {"faculty": ["法学部"]}
    session.commit()
    with pytest.raises(Conflict):
        desk.run(upload, good=2)
    assert (enrolled(session, programme), desk.preview(upload).good) == ({}, 1)


def test_what_was_decided_on_an_old_page_is_refused(session, desk):
    upload = desk.upload(INTERNS)
    desk.correct(upload, Wish("email_form:3", "skip"))
    with pytest.raises(Conflict):
        imports.undo(session, actor=desk.actor, programme=desk.programme, upload_id=upload, rev=1, step=0)


# -- repairs


def test_every_repair_can_be_undone(session, desk):
    upload = desk.upload(INTERNS)
    for wish in (
        Wish("email_form:3", "cells"),
        Wish("not_in_list:4:経営情報", "replace", value="経営学部"),
        Wish("duplicate:3", "skip_row", row=12),
    ):
        desk.correct(upload, wish)
    assert (desk.preview(upload).counts.fix, desk.preview(upload).counts.skip) == (0, 1)
    for fix in (1, 2, 3):
        rev = desk.rev(upload)
        imports.undo(session, actor=desk.actor, programme=desk.programme, upload_id=upload, rev=rev, step=0)
        assert desk.preview(upload).counts.fix == fix


def test_full_width_addresses_are_converted_at_once(desk):
    upload = desk.upload(a_sheet(*(f"佐藤 {n},a{n}＠example.ac.jp,経済学部," for n in range(3))))
    assert desk.preview(upload).counts.fix == 3
    desk.correct(upload, Wish("email_full_width:1", "half_width"))
    assert (desk.preview(upload).good, desk.run(upload)["add"]) == (3, 3)


def test_a_value_joins_the_list_only_with_the_import(session, programme, desk):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,海洋学部,"))
    desk.correct(upload, Wish("not_in_list:2:海洋学部", "allow"))
    session.refresh(programme)
    assert (desk.preview(upload).counts.fix, "海洋学部" in programme.choices["faculty"]) == (0, False)
    assert desk.run(upload)["allowed"] == 1
    session.refresh(programme)
    assert programme.choices["faculty"] == [*FACULTIES, "海洋学部"]


@pytest.mark.parametrize(
    "wish",
    [
        Wish("no such group", "skip"),
        Wish("email_form:3", "no such kind"),
        Wish("email_form:3", "cell", row=9, value="x@example.ac.jp"),
        Wish("email_form:3", "cell", row=5, value="x" * 6000),
        Wish("not_in_list:4:経営情報", "replace", value="魔法学部"),
        Wish("email_form:3", "allow"),
        Wish("duplicate:3", "skip_row", row=2),
    ],
)
def test_a_wish_that_no_page_offers_is_refused(client, desk, wish):
    upload = desk.upload(INTERNS)
    sent = {"rev": "1", "group": wish.group, "kind": wish.kind, "row": str(wish.row or ""), "value": wish.value}
    assert post(client, f"/programmes/spring/imports/{upload}/corrections", sent).status_code == 303
    assert desk.rev(upload) == 1


def test_two_rows_of_one_address_side_by_side(client, desk):
    upload = desk.upload(INTERNS)
    shown = page(client, f"/programmes/spring/imports/{upload}/rows?group=duplicate:3&row=12")
    assert [name for name in ("柴田 陸斗", "柴田 莉央", "Leave out row 11", "Leave out row 12") if name in shown] == [
        *("柴田 陸斗", "柴田 莉央", "Leave out row 11", "Leave out row 12")
    ]
    assert client.get(f"/programmes/spring/imports/{upload}/rows?group=x&row=99").status_code == 303


# -- rows that are left out


def test_the_good_rows_go_in_and_the_others_become_a_sheet_to_be_mended(client, session, programme, desk):
    upload = desk.upload(INTERNS, name="interns_2027.csv")
    report = desk.run(upload)
    assert (report["add"], report["fix"], len(enrolled(session, programme))) == (11, 3, 11)
    done = page(client, f"/programmes/spring/imports/{upload}/")
    assert "3 rows wait to be mended" in done
    answer = client.get(f"/programmes/spring/imports/{report['left']}/to-fix.xlsx")
    assert unquote(answer.headers["Content-Disposition"]).endswith('"interns_2027 (to fix).xlsx"')
    heading, *rows = openpyxl.load_workbook(io.BytesIO(answer.data)).active.iter_rows(values_only=True)
    assert (heading[-1], len(rows)) == ("エラー / Problem", 3)
    assert rows[1][-1] == "Row 3, 学部: “経営情報” is not in the list."
    assert rows[2][-1] == "Row 4, Mail: expected an email address, found nothing."


def test_broken_rows_come_back_corrected_in_excel(client, session, programme, desk):
    upload = desk.upload(INTERNS)
    answer = client.get(f"/programmes/spring/imports/{upload}/to-fix.xlsx")
    desk.run(upload)
    book = openpyxl.load_workbook(io.BytesIO(answer.data))
    for row in book.active.iter_rows(min_row=2):
        mail, faculty, problem = row[3], row[4], row[-1]
        if "Row 9" in problem.value:
            faculty.value = "経営学部"
        else:
            mail.value = f"{row[0].value}@student.example.ac.jp"
    buffer = io.BytesIO()
    book.save(buffer)
    assert desk.take(buffer.getvalue(), name="back.xlsx")["add"] == 3
    assert len(enrolled(session, programme)) == 14


def test_a_mapping_made_by_hand_holds_for_the_rows_that_are_left(session, desk):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,X", "田中 蓮,,Y", heading="氏名,Mail,その他"))
    imports.map_columns(
        session,
        actor=desk.actor,
        programme=desk.programme,
        upload_id=upload,
        rev=1,
        fields={2: "skills"},
        default_role="intern",
    )
    left = desk.run(upload)["left"]
    assert [column.field for column in desk.preview(left).columns] == ["full_name", "email", "skills", None]


# -- columns


def test_columns_are_corrected_and_remembered(client, session, desk):
    sheet = a_sheet("佐藤 美咲,a@example.ac.jp,写真", heading="氏名,Mail,その他")
    upload = desk.upload(sheet)
    url = f"/programmes/spring/imports/{upload}/columns"
    assert "2 matched · 0 to check · 1 ignored" in page(client, url)
    chosen = {"rev": "1", "role": "intern", "column-0": "full_name", "column-1": "email", "column-2": "interests"}
    answer = post(client, url, {**chosen, "go": "next", "remember": "on"})
    assert answer.location.endswith("/check")
    assert session.scalar(select(func.count()).select_from(UploadMapping)) == 1
    desk.run(upload)
    again = desk.upload(sheet)
    assert [column.field for column in desk.preview(again).columns] == ["full_name", "email", "interests"]
    assert "3 matched" in page(client, f"/programmes/spring/imports/{again}/columns")


def test_a_sheet_without_addresses_waits_at_the_columns(client, desk):
    upload = desk.upload(a_sheet("佐藤 美咲,経済学部", heading="氏名,学部"))
    url = f"/programmes/spring/imports/{upload}/columns"
    answer = post(client, url, {"rev": "1", "role": "intern", "column-0": "full_name", "go": "next"})
    assert answer.location == url
    assert "No column is read as the email address" in page(client, url)
    assert "No row can be imported yet." in page(client, f"/programmes/spring/imports/{upload}/check")
    run = {"rev": str(desk.rev(upload)), "good": "0", "next": "check"}
    assert "There is no row that can be imported yet." in page(
        client, post(client, f"/programmes/spring/imports/{upload}/run", run).location
    )


@pytest.mark.parametrize("key", ["no_such_field", "role; DROP TABLE mm_person"])
def test_an_unknown_field_is_refused(client, desk, key):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,,"))
    sent = {"rev": "1", "role": "intern", "column-0": key}
    post(client, f"/programmes/spring/imports/{upload}/columns", sent)
    assert desk.rev(upload) == 1


def test_another_worksheet_starts_anew(session, desk):
    book = openpyxl.Workbook()
    book.active.title = "2026"
    book.active.append(["氏名", "Mail"])
    book.active.append(["去年 太郎", "old@example.ac.jp"])
    sheet = book.create_sheet("2027")
    sheet.append(["Mail", "氏名"])
    sheet.append(["new@example.ac.jp", "今年 花子"])
    buffer = io.BytesIO()
    book.save(buffer)
    upload = desk.upload(buffer.getvalue(), name="all.xlsx")
    assert (desk.preview(upload).worksheet, desk.preview(upload).worksheets) == ("2026", ["2026", "2027"])
    imports.map_columns(
        session,
        actor=desk.actor,
        programme=desk.programme,
        upload_id=upload,
        rev=1,
        fields={},
        default_role="intern",
        worksheet="2027",
    )
    assert [person.email for person in desk.preview(upload).added] == ["new@example.ac.jp"]


# -- files that are refused


@pytest.mark.parametrize(
    ("content", "name", "told"),
    [
        (b"", "empty.csv", "The file is empty."),
        (b"%PDF-1.7 ...", "people.csv", "This is not a spreadsheet."),
        ("氏名,Mail\r\n佐藤,a@example.ac.jp".encode("utf-16-le"), "u.csv", "UTF-16 without the mark"),
        (
            "氏名,Mail\r\n佐藤,a@example.ac.jp\r\n".encode("euc_jp") + b"\xff\xfe",
            "e.csv",
            "neither UTF-8 nor Shift_JIS",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_at_step_one(client, session, content, name, told):
    answer = send(client, content, name)
    assert (answer.status_code, told in answer.text) == (422, True)
    assert session.scalar(select(func.count()).select_from(Upload)) == 0


def test_without_a_file_the_form_says_so(client):
    answer = post(client, "/programmes/spring/imports/", {"role": "intern"})
    assert (answer.status_code, "Choose a file" in answer.text) == (422, True)


def send_raw(client, content: bytes):
    """Send a file with a body made by hand: the test client would leave a temporary file open."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', page(client, "/programmes/spring/imports/")).group(1)
    parts = {'"csrf_token"': token.encode(), '"role"': b"intern", '"file"; filename="big.csv"': content}
    lines = [b"--x\r\nContent-Disposition: form-data; name=%s\r\n\r\n%s" % (k.encode(), v) for k, v in parts.items()]
    body = b"\r\n".join([*lines, b"--x--", b""])
    return client.post("/programmes/spring/imports/", data=body, content_type="multipart/form-data; boundary=x")


def test_a_file_over_the_limit_is_told_the_limit(app, client):
    app.config["MAX_CONTENT_LENGTH"] = 2 << 20
    answer = send_raw(client, b"x" * (3 << 20))
    assert (answer.status_code, "2 MB" in answer.text) == (413, True)


def test_a_host_without_a_limit_gets_ours(app, client):
    app.config["MAX_CONTENT_LENGTH"] = None
    answer = send_raw(client, b"x" * ((32 << 20) + 1))
    assert (answer.status_code, "has 32 MB" in answer.text) == (413, True)


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.csv", 'x"; filename="y.csv', "a\r\nX-Evil: 1.csv", "名簿" * 200 + ".csv", "<b>x</b>.csv", ""],
    ids=["folders", "quotes", "header", "long", "markup", "none"],
)
def test_names_of_uploads_are_harmless(client, session, desk, name):
    upload = desk.upload(a_sheet("佐藤 美咲,,,"), name=name)
    kept = session.get(Upload, upload).filename
    assert (re.search(r'[/\\<>":\r\n]', kept), len(kept) < 100) == (None, True)
    answer = client.get(f"/programmes/spring/imports/{upload}/to-fix.xlsx")
    assert answer.status_code == 200
    assert "X-Evil" not in answer.headers


# -- drafts


def test_a_draft_is_given_up_for_good(client, session, desk):
    upload = desk.upload(INTERNS)
    post(client, f"/programmes/spring/imports/{upload}/discard")
    row = session.get(Upload, upload, populate_existing=True)
    assert (row.state, row.content, row.preview) == (UploadState.DISCARDED, b"", {})
    assert client.get(f"/programmes/spring/imports/{upload}/columns").status_code == 303
    assert post(client, f"/programmes/spring/imports/{upload}/run", {"rev": "1", "good": "11"}).status_code == 303
    assert session.scalar(select(func.count()).select_from(Enrolment)) == 0


def test_old_drafts_are_given_up_together(client, session, desk):
    old, young = desk.upload(INTERNS), desk.upload(INTERNS)
    session.execute(update(Upload).where(Upload.id == old).values(created_at=now() - timedelta(days=31)))
    session.commit()
    assert "Discard those older than 30 days" in page(client, "/programmes/spring/imports/")
    post(client, "/programmes/spring/imports/discard-old")
    states = dict(session.execute(select(Upload.id, Upload.state)).all())
    assert states == {old: UploadState.DISCARDED, young: UploadState.DRAFT}


def test_the_list_asks_the_database_as_often_for_thirty_as_for_one(app, client, session, desk):
    def asked() -> int:
        count = 0

        def one_more(*_arguments) -> None:
            nonlocal count
            count += 1

        with app.app_context():
            engine = app.extensions["mentormatch"].db.engine
        event.listen(engine, "before_cursor_execute", one_more)
        page(client, "/programmes/spring/imports/")
        event.remove(engine, "before_cursor_execute", one_more)
        return count

    desk.upload(INTERNS)
    desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,,"))
    few = asked()
    for number in range(30):
        other = a_person(session)
        values = {"filename": "x.csv", "content": b"", "uploaded_by": other.id, "programme_id": desk.programme.id}
        report = {"add": 1, "update": 0, "same": 0, "fix": 0, "skip": 0}
        state = {"state": UploadState.IMPORTED, "imported_at": now(), "report": report} if number % 2 else {}
        session.add(Upload(**values, **state))
    session.commit()
    assert asked() == few


def test_pages_read_what_was_kept_and_check_anew_when_the_programme_changed(session, programme, desk, monkeypatch):
    upload = desk.upload(a_sheet("佐藤 美咲,a@example.ac.jp,海洋学部,"))
    read = []
    examine = import_queries.examine
    monkeypatch.setattr(import_queries, "examine", lambda *arguments: read.append(1) or examine(*arguments))
    assert (desk.preview(upload).counts.fix, read) == (1, [])
    programme.choices = {"faculty": ["海洋学部"]}
    session.commit()
    assert (desk.preview(upload).counts.fix, read) == (0, [1])


# -- who may


def test_a_coordinator_does_not_import(session, programme):
    coordinator = a_staff_member(session, programme, Role.COORDINATOR)
    with pytest.raises(NotPermitted):
        Desk(session, programme, coordinator).upload(INTERNS)


def test_an_upload_of_another_programme_is_not_there(client, session, admin):
    theirs = a_programme(session, slug="theirs")
    upload = Desk(session, theirs, a_staff_member(session, theirs)).upload(INTERNS)
    session.add(Staff(programme_id=theirs.id, person_id=a_person(session).id, role=Role.PROGRAMME_ADMIN))
    session.commit()
    for path in ("", "columns", "problems", "check", "rows?group=duplicate:3&row=12", "to-fix.xlsx"):
        assert client.get(f"/programmes/spring/imports/{upload}/{path}").status_code == 404
    for path in ("columns", "corrections", "undo", "run", "discard"):
        assert post(client, f"/programmes/spring/imports/{upload}/{path}", {"rev": "1"}).status_code == 404
    assert client.get(f"/programmes/spring/imports/{2**63}/columns").status_code == 404


# -- the way out


def exported(client, form: str, role: str = "") -> bytes:
    answer = post(client, "/programmes/spring/exports/participants", {"form": form, "role": role})
    assert answer.status_code == 200
    return answer.data


@pytest.mark.parametrize("form", ["csv", "cp932", "xlsx"])
def test_what_leaves_can_be_imported_again_and_says_nothing_new(client, session, programme, desk, form):
    desk.take(INTERNS)
    desk.take((SHEETS / "mentors_2027.xlsx").read_bytes(), name="mentors.xlsx", role="mentor")
    back = desk.upload(exported(client, form), name=f"back.{'xlsx' if form == 'xlsx' else 'csv'}", role="")
    preview = desk.preview(back)
    assert (preview.problems, preview.added, [person.changes for person in preview.updated]) == ([], [], [])
    assert preview.counts.same == len(enrolled(session, programme)) == 17


def test_a_formula_stays_text_on_the_way_out_and_back(client, session, programme, desk):
    formula = '=HYPERLINK("http://evil.example","x")'
    person = a_person(session, email="a@example.ac.jp", family_name="=1+1", given_name="＋太郎")
    an_enrolment(session, programme, person=person, profile={"goals": formula, "skills": ["@SUM(A1)", "-1"]})
    cells = next(csv.reader(io.StringIO(exported(client, "csv").decode("utf-8-sig").split("\r\n", 1)[1])))
    assert [cell for cell in cells if re.match(r"[=+\-@＝＋－＠]", cell)] == []
    sheet = openpyxl.load_workbook(io.BytesIO(exported(client, "xlsx"))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "inlineStr"}
    assert desk.take(exported(client, "xlsx"), name="back.xlsx", role="")["same"] == 1


def test_an_export_is_noted_with_numbers_and_has_a_name(client, session, programme, desk):
    desk.take(a_sheet("佐藤 美咲,a@example.ac.jp,,"))
    answer = post(client, "/programmes/spring/exports/participants", {"form": "csv", "role": "intern"})
    assert unquote(answer.headers["Content-Disposition"]).endswith(f'"{programme.name_en} participants.csv"')
    noted = session.scalars(select(AuditEvent).where(AuditEvent.action == "participants.exported")).one()
    assert noted.detail == {"rows": 1, "form": "csv", "role": "intern"}


def test_what_shift_jis_lacks_is_told_and_nothing_is_sent(client, session, programme):
    person = a_person(session, email="a@example.ac.jp", family_name="𠮷田", given_name="😀")
    an_enrolment(session, programme, person=person)
    answer = post(client, "/programmes/spring/exports/participants", {"form": "cp932"})
    assert (answer.status_code, "𠮷" in answer.text, "UTF-8" in answer.text) == (422, True, True)
    assert post(client, "/programmes/spring/exports/participants", {"form": "exe"}).status_code == 422
