"""`mentormatch match`: a spreadsheet in, the best pairs out, without a database or a server."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from mentormatch.core.i18n import Speech
from mentormatch.core.names import Name, email_key
from mentormatch.core.roles import HOST_ROLES, PARTICIPANT_ROLES, ROLE_LABELS, Role
from mentormatch.core.wording import LANGUAGES, Bilingual, Language
from mentormatch.matching.criteria import Criterion, Rule
from mentormatch.matching.explanation import Explanation
from mentormatch.matching.matcher import Matcher
from mentormatch.matching.solver.assignment import Progress
from mentormatch.sheets.checking import Checked, check
from mentormatch.sheets.reading import read
from mentormatch.sheets.recognition import recognise
from mentormatch.sheets.rows import ParticipantRow
from mentormatch.sheets.sheet import Sheet
from mentormatch.sheets.writing import write_broken, write_csv, write_xlsx

_STEPS = 1000
_COLUMNS = (
    Bilingual("Track", "区分"),
    Bilingual("Intern", "インターン"),
    Bilingual("Intern's email", "インターンのメールアドレス"),
    Bilingual("Matched with", "担当者"),
    Bilingual("Their email", "担当者のメールアドレス"),
    Bilingual("Fit", "適合度"),
)
_RELAXED = Bilingual("Rules relaxed", "緩和したルール")
_PATH = click.Path(path_type=Path, dir_okay=False)
_FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


@click.command()
@click.argument("people", nargs=-1, type=_FILE)
@click.option("--interns", multiple=True, type=_FILE, help="A sheet whose rows are interns; may be repeated.")
@click.option("--mentors", multiple=True, type=_FILE, help="A sheet whose rows are mentors.")
@click.option("--alumni", multiple=True, type=_FILE, help="A sheet whose rows are alumni.")
@click.option("--out", type=_PATH, required=True, help="Where the pairs go: .csv or .xlsx.")
@click.option("--json", "report", type=_PATH, help="Where the whole report goes: pairs, parts, reasons, the proof.")
@click.option("--settings", type=_FILE, help='JSON with "criteria" and "rules"; the defaults without it.')
@click.option("--broken", type=_PATH, help="Where rows that cannot be read go (.xlsx); the others are matched.")
@click.option(
    "--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Language of the output."
)
def match(  # noqa: PLR0917 - click passes them by name
    people: tuple[Path, ...],
    interns: tuple[Path, ...],
    mentors: tuple[Path, ...],
    alumni: tuple[Path, ...],
    out: Path,
    report: Path | None,
    settings: Path | None,
    broken: Path | None,
    language: Language,
) -> None:
    """Match the PEOPLE of one or more spreadsheets (CSV or XLSX).

    PEOPLE are sheets with a column that says who is intern, mentor or alumnus; sheets of one role only are named by
    the options.
    """
    speech = Speech(language)
    sheets: list[tuple[Path, Role | None]] = [(path, None) for path in people]
    for role, paths in zip(PARTICIPANT_ROLES, (interns, mentors, alumni), strict=True):
        sheets += [(path, role) for path in paths]
    rows = _unique([row for path, role in sheets for row in _rows(path, role, broken, speech)], speech)
    seeking = [_record(row) for row in rows if row.role is Role.INTERN]
    hosts = {str(track): [_record(row) for row in rows if row.role is track] for track in HOST_ROLES}
    hosts = {track: found for track, found in hosts.items() if found}
    criteria, rules = _settings(settings)
    with click.progressbar(length=_STEPS, label=speech.gettext("Matching"), file=sys.stderr) as bar:
        matcher = Matcher(criteria, rules).fit(seeking, hosts, progress=lambda step: _advance(bar, step))
        bar.update(_STEPS - bar.pos)
    names = {email_key(row.email): row for row in rows}
    out.write_bytes(_pairs(matcher, names, speech, out.suffix))
    if report is not None:
        report.write_text(json.dumps(_report(matcher), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    _tell(matcher, out, speech)


def _rows(path: Path, role: Role | None, broken: Path | None, speech: Speech) -> Iterator[ParticipantRow]:
    """Yield the rows of a sheet; rows that cannot be read end the command unless they have somewhere to go."""
    sheet = read(path.read_bytes(), path.name)
    checked = check(sheet, recognise(sheet), defaults={"role": role.value} if role else None)
    if not checked.is_ready:
        _complain(path, sheet, checked, broken, speech)
    return checked.rows()


def _complain(path: Path, sheet: Sheet, checked: Checked, broken: Path | None, speech: Speech) -> None:
    for problem in checked.column_problems:
        click.echo(f"{path.name}: {problem.to(speech.gettext)}", err=True)
    for found in checked.broken():
        for message in found.problems:
            click.echo(f"{path.name}: {message.to(speech.gettext)}", err=True)
    if broken is None or checked.column_problems:
        raise click.ClickException(
            speech.gettext(
                "%(file)s: %(count)s rows cannot be read. Correct them, or set them aside with --broken FILE.xlsx.",
                file=path.name,
                count=checked.counts.fix,
            )
        )
    broken.write_bytes(write_broken(sheet, checked, speech.gettext))


def _unique(rows: list[ParticipantRow], speech: Speech) -> list[ParticipantRow]:
    seen: set[tuple[str, Role]] = set()
    for row in rows:
        key = email_key(row.email), row.role
        if key in seen:
            raise click.ClickException(
                speech.gettext("%(email)s stands in two sheets. Remove one of the rows.", email=row.email)
            )
        seen.add(key)
    return rows


def _record(row: ParticipantRow) -> dict[str, Any]:
    """Return a row as the matcher takes it; the address is the id, so one person in two roles stays one person."""
    places = {} if row.role is Role.INTERN else {"capacity": _or(row.capacity, 1), "minimum": _or(row.minimum, 0)}
    return {"id": email_key(row.email), "email": row.email, **places, **row.profile}


def _or(value: int | None, otherwise: int) -> int:
    return otherwise if value is None else value


def _settings(path: Path | None) -> tuple[list[Criterion] | None, list[Rule] | None]:
    if path is None:
        return None, None
    given = json.loads(path.read_text(encoding="utf-8"))
    criteria = [Criterion.from_json(item) for item in given["criteria"]] if "criteria" in given else None
    rules = [Rule.from_json(item) for item in given["rules"]] if "rules" in given else None
    return criteria, rules


def _advance(bar: Any, step: Progress) -> None:
    bar.update(max(0, int(step.fraction * _STEPS) - bar.pos))


def _name(row: ParticipantRow, language: Language) -> str:
    parts = (row.family_name, row.given_name, row.family_kana, row.given_kana, row.romaji, row.preferred_name)
    return Name(*parts).full(language)


def _pairs(matcher: Matcher, names: dict[str, ParticipantRow], speech: Speech, suffix: str) -> bytes:
    language = speech.language
    criteria = [criterion.key for criterion in matcher.problem_.criteria if criterion.weight > 0]
    may_be_relaxed = not all(rule.is_hard for rule in matcher.problem_.rules)
    header = [*(column.to(language) for column in _COLUMNS), *criteria, *([_RELAXED.to(language)] * may_be_relaxed)]
    rows: list[list[str | int | None]] = []
    for pair in matcher.pairs_:
        intern, host = names[str(pair.intern)], names[str(pair.host)]
        explained = matcher.explain(pair.intern, track=pair.track)
        shown = {part.criterion: part.shown for part in explained.parts}
        rows.append(
            [
                ROLE_LABELS[Role(pair.track)].to(language),
                _name(intern, language),
                intern.email,
                _name(host, language),
                host.email,
                pair.shown,
                *(shown.get(key, 0) for key in criteria),
                *([_relaxed(explained)] * may_be_relaxed),
            ]
        )
    return write_xlsx(header, rows) if suffix.lower() == ".xlsx" else write_csv(header, rows)


def _relaxed(explained: Explanation) -> str:
    """Return the rules that a pair breaks at a price, with what each costs."""
    return ", ".join(f"{check.rule} {check.shown}" for check in explained.rules if check.points)


def _report(matcher: Matcher) -> dict[str, Any]:
    """Return the whole result; points are in hundredths, `shown` is what people see."""
    return {
        "coverage": matcher.coverage_,
        "coverage_bound": matcher.coverage_bound_,
        "objective": matcher.objective_,
        "upper_bound": matcher.upper_bound_,
        "status": str(matcher.status_),
        "digest": matcher.problem_.digest,
        "criteria": [criterion.to_json() for criterion in matcher.problem_.criteria],
        "rules": [rule.to_json() for rule in matcher.problem_.rules],
        "pairs": [matcher.explain(pair.intern, track=pair.track).to_json() for pair in matcher.pairs_],
        "unmatched": [one.to_json() for one in matcher.unmatched_],
    }


def _tell(matcher: Matcher, out: Path, speech: Speech) -> None:
    mean = sum(pair.points for pair in matcher.pairs_) / max(1, len(matcher.pairs_)) / 100
    click.echo(
        speech.gettext(
            "%(pairs)s pairs, mean fit %(mean)s, %(open)s places of interns open. Written to %(file)s.",
            pairs=len(matcher.pairs_),
            mean=f"{mean:.1f}",
            open=len(matcher.unmatched_),
            file=out,
        )
    )
    if matcher.objective_ == matcher.upper_bound_ and matcher.coverage_ == matcher.coverage_bound_:
        click.echo(
            speech.gettext("Proved: no other matching pairs more people, and none of as many has a better total.")
        )
