"""The command line: `mentormatch serve | worker | demo | db | import | match | export | doctor`."""

from __future__ import annotations

import importlib
import os

import click

from mentormatch.core.errors import MentorMatchError

COMMANDS = {
    "db": ("mentormatch.cli.db:db", "Look after the database's schema."),
    "demo": ("mentormatch.cli.serve:demo", "Show the program with an invented programme."),
    "doctor": ("mentormatch.cli.doctor:doctor", "Look at settings, database, queues and mail."),
    "export": ("mentormatch.cli.sheets:export", "Export a programme's people as a sheet."),
    "import": ("mentormatch.cli.sheets:import_", "Import a sheet of people into a programme."),
    "match": ("mentormatch.cli.match:match", "Match a spreadsheet without a database or a server."),
    "serve": ("mentormatch.cli.serve:serve", "Serve the site, by default with a worker beside it."),
    "worker": ("mentormatch.cli.serve:worker", "Work off jobs and messages until stopped."),
}
"""Where each command lives and what it does; it is imported when it is called, so that `--help` answers at once."""


class Commands(click.Group):
    """A group whose commands are loaded at first use, and whose deliberate errors are one clear line."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's interface
        """Return the names in order."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's interface
        """Load one command."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's interface
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_text) for name, (_, help_text) in sorted(COMMANDS.items())])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; say a deliberate error without a traceback."""
        try:
            return super().invoke(ctx)
        except MentorMatchError as error:
            raise click.ClickException(str(error)) from error


@click.command(cls=Commands)
@click.version_option(package_name="mentormatch")
def main() -> None:
    """Match interns with mentors and alumni, with a proof and an explanation."""
    os.umask(0o077)  # the embedded database, its secret and its mail are for this user alone
