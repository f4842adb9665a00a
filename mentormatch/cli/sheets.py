"""`mentormatch import` and `export`: a programme's people, from a sheet and into one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from sqlalchemy.orm import Session

from mentormatch.cli.running import opened, require_current, settings
from mentormatch.core.config import Config
from mentormatch.core.errors import NotFound
from mentormatch.core.i18n import Speech
from mentormatch.core.policy import Actor
from mentormatch.core.roles import PARTICIPANT_ROLES
from mentormatch.core.wording import LANGUAGES, Language
from mentormatch.queries import actors, programmes
from mentormatch.queries import imports as drafts
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import exports, imports


@dataclass(frozen=True, slots=True)
class Desk:
    """Who works on which programme in this command."""

    session: Session
    actor: Actor
    programme: ProgrammeView
    speech: Speech


@contextmanager
def _desk(config: Config, slug: str, email: str, language: Language) -> Iterator[Desk]:
    with opened(config) as engine:
        require_current(engine)
        with Session(engine) as session:
            actor, programme = actors.by_email(session, email), programmes.by_slug(session, slug)
            if actor is None:
                raise NotFound("There is nobody with the address %(email)s.", email=email)
            if programme is None:
                raise NotFound("There is no programme “%(slug)s”.", slug=slug)
            yield Desk(session, actor, programme, Speech(language))


def _common(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True),
        click.option(
            "--as", "email", required=True, help="Address of the admin who does this; it goes into the audit trail."
        ),
        click.argument("programme"),
    ):
        command = option(command)
    return command


@click.command("import")
@_common
@click.argument("sheet", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--role", type=click.Choice([role.value for role in PARTICIPANT_ROLES]), help="Role of rows that name none."
)
@click.option("--dry-run", is_flag=True, help="Say what would happen and stop.")
@click.option("--skip-broken", is_flag=True, help="Import the good rows; the others stay as a draft on the site.")
def import_(
    programme: str, sheet: Path, email: str, role: str | None, language: Language, *, dry_run: bool, skip_broken: bool
) -> None:
    """Import the people of SHEET (CSV or XLSX) into PROGRAMME, all of them or none."""
    with _desk(settings(), programme, email, language) as desk:
        upload_id = imports.upload(
            desk.session,
            actor=desk.actor,
            programme=desk.programme,
            filename=sheet.name,
            content=sheet.read_bytes(),
            default_role=role or "",
        )
        good = _look(desk, sheet, upload_id, go_on=skip_broken)
        if good is not None and not dry_run:
            _run(desk, upload_id, good)
        else:
            imports.discard(desk.session, actor=desk.actor, programme_id=desk.programme.id, upload_id=upload_id)


def _look(desk: Desk, sheet: Path, upload_id: int, *, go_on: bool) -> int | None:
    """Say what would happen; return how many rows may be imported, None if nothing may."""
    say = desk.speech.gettext
    checked = drafts.examine(
        desk.session, desk.programme, drafts.draft(desk.session, desk.programme.id, upload_id)
    ).checked
    for problem in checked.column_problems:
        click.echo(f"{sheet.name}: {problem.to(say)}", err=True)
    counts = checked.counts
    for broken in checked.broken() if counts.fix else ():
        for problem in broken.problems:
            click.echo(f"{sheet.name}: {problem.to(say)}", err=True)
    click.echo(
        say(
            "%(add)s to add, %(update)s to update, %(fix)s to fix, %(skip)s left out.",
            add=counts.add,
            update=counts.update,
            fix=counts.fix,
            skip=counts.skip,
        )
    )
    if counts.fix and not go_on:
        click.echo(say("Nothing was imported. Mend the rows, or import the others with --skip-broken."), err=True)
    return counts.add + counts.update if go_on or not counts.fix else None


def _run(desk: Desk, upload_id: int, good: int) -> None:
    found = drafts.draft(desk.session, desk.programme.id, upload_id, content=False)
    imports.run(
        desk.session,
        actor=desk.actor,
        programme=desk.programme,
        upload_id=upload_id,
        rev=found.rev,
        good=good,
        language=desk.speech.language,
    )
    click.echo(desk.speech.gettext("Imported."))


@click.command()
@_common
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="A .csv or .xlsx file.")
@click.option("--role", type=click.Choice([role.value for role in PARTICIPANT_ROLES]), help="Only these people.")
def export(programme: str, email: str, out: Path, role: str | None, language: Language) -> None:
    """Export the people of PROGRAMME as a sheet that can be imported again."""
    with _desk(settings(), programme, email, language) as desk:
        made = exports.participants(
            desk.session,
            actor=desk.actor,
            programme=desk.programme,
            form="xlsx" if out.suffix.lower() == ".xlsx" else "csv",
            role=role or "",
            language=language,
        )
    out.write_bytes(made.content)
    click.echo(desk.speech.gettext("Written to %(file)s.", file=out))
