"""The command line, as an operator uses it: real files, a real database."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from mentormatch.cli import COMMANDS, main
from mentormatch.core import clock
from mentormatch.core.roles import Role
from mentormatch.models import Enrolment, Job, Person, Programme, Upload, UploadState
from mentormatch.services import demo, jobs
from tests.factories import a_person, a_programme, a_staff_member

SHEETS = Path(__file__).parents[2] / "examples" / "sheets"
INTERNS, MENTORS = SHEETS / "interns_2027.csv", SHEETS / "mentors_2027.xlsx"


@pytest.fixture
def run(monkeypatch, database_url, tmp_path):
    """Run a command on the test's database and return its result."""
    monkeypatch.setenv("MENTORMATCH_DATABASE_URL", database_url)
    monkeypatch.setenv("MENTORMATCH_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.delenv("MENTORMATCH_TEST_DATABASE_URL", raising=False)

    def call(*words: object):
        return CliRunner().invoke(main, [str(word) for word in words])

    return call


@pytest.fixture
def programme(session):
    made = a_programme(session, slug="spring", choices={"faculty": ["経済学部", "情報学部"]})
    a_staff_member(session, made, email="admin@career.example.ac.jp")
    return made


AS = ("--as", "admin@career.example.ac.jp")


def test_every_command_is_there_and_help_imports_none(run):
    assert sorted(COMMANDS) == ["db", "demo", "doctor", "export", "import", "match", "serve", "worker"]
    for name in COMMANDS:
        assert run(name, "--help").exit_code == 0
    code = "import sys, mentormatch.cli as c; c.main(['--help'], standalone_mode=False); print('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.endswith(
        "False\n"
    )


def test_match_needs_neither_database_nor_server(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        main,
        ["match", "--interns", str(INTERNS), "--mentors", str(MENTORS), "--out", "pairs.csv", "--json", "report.json",
         "--broken", "broken.xlsx"],
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    assert "Proved" in result.output
    rows = list(csv.reader(io.StringIO((tmp_path / "pairs.csv").read_text(encoding="utf-8-sig"))))
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert len(rows) - 1 == len(report["pairs"]) == report["coverage"] == report["coverage_bound"]
    assert report["objective"] == report["upper_bound"] == sum(pair["points"] for pair in report["pairs"])
    for row in rows[1:]:
        assert sum(map(int, row[6:])) == int(row[5])  # the parts shown add up to the fit shown
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken.xlsx", "pairs.csv", "report.json"]


def test_match_refuses_broken_rows_and_writes_nothing(tmp_path):
    out = tmp_path / "pairs.csv"
    result = CliRunner().invoke(
        main, ["match", "--interns", str(INTERNS), "--mentors", str(MENTORS), "--out", str(out)]
    )
    assert result.exit_code == 1
    assert "Row 5, Mail" in result.output
    assert "--broken" in result.output
    assert not out.exists()


def test_an_import_is_all_or_nothing(run, session, programme):
    before = session.scalar(select(func.count()).select_from(Person))
    result = run("import", "spring", INTERNS, "--role", "intern", *AS)
    assert "Nothing was imported" in result.output
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Person)) == before
    assert session.scalars(select(Upload.state)).all() == [UploadState.DISCARDED]


def test_import_then_import_again_is_an_update(run, session, programme):
    assert "6 to add, 0 to update" in run("import", "spring", MENTORS, "--role", "mentor", *AS).output
    assert "0 to add, 6 to update" in run("import", "spring", MENTORS, "--role", "mentor", *AS).output
    session.rollback()
    found = select(func.count()).select_from(Enrolment).where(Enrolment.role == Role.MENTOR)
    assert session.scalar(found) == 6


def test_an_export_can_be_imported_again(run, session, programme, tmp_path):
    run("import", "spring", MENTORS, "--role", "mentor", *AS)
    out = tmp_path / "people.xlsx"
    assert run("export", "spring", "--out", out, *AS).exit_code == 0
    assert "0 to add, 6 to update, 0 to fix" in run("import", "spring", out, "--dry-run", *AS).output


@pytest.mark.parametrize(
    ("slug", "email", "said"),
    [
        ("spring", "nobody@example.ac.jp", "There is nobody"),
        ("autumn", "admin@career.example.ac.jp", "There is no programme"),
        ("spring", "guest@example.ac.jp", "not for you to see"),
    ],
)
def test_who_and_where_are_checked(run, session, programme, slug, email, said):
    a_person(session, email="guest@example.ac.jp")
    result = run("import", slug, MENTORS, "--role", "mentor", "--as", email)
    assert result.exit_code == 1
    assert said in result.output


def test_the_doctor_finds_a_worker_that_does_not_run(run, session, monkeypatch):
    assert run("doctor").exit_code == 0
    monkeypatch.setattr(jobs, "now", lambda: clock.now() - timedelta(hours=1))
    jobs.enqueue(session, kind="run", subject_id=1)
    session.commit()
    result = run("doctor")
    assert result.exit_code == 1
    assert "is a worker running?" in result.output
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_the_doctor_asks_for_an_upgrade(run, monkeypatch, tmp_path):
    monkeypatch.setenv("MENTORMATCH_DATABASE_URL", f"sqlite:///{tmp_path}/new.db")
    result = run("doctor")
    assert result.exit_code == 1
    assert "mentormatch db upgrade" in result.output
    assert run("db", "upgrade").exit_code == 0
    assert run("doctor").exit_code == 0


def test_the_demo_loads_once(session):
    assert demo.load(session)
    assert not demo.load(session)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Programme)) == 1
    people = session.scalar(select(func.count()).select_from(Person))
    assert people == 76 + 52 - 1 + 2  # one person is mentor and alumna, two run the programme


def test_an_unknown_setting_is_one_clear_line(run, monkeypatch):
    monkeypatch.setenv("MENTORMATCH_SMPT_URL", "smtp://x")
    result = run("doctor")
    assert result.exit_code == 1
    assert "Unknown setting MENTORMATCH_SMPT_URL. The nearest known one is MENTORMATCH_SMTP_URL." in result.output
