"""The mailbox of a demo: messages that an installation without SMTP keeps instead of sending them."""

from __future__ import annotations

from flask import Blueprint, render_template

from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import installation
from mentormatch.channels import mailbox
from mentormatch.core.errors import NotFound
from mentormatch.core.policy import Permission

area = Blueprint("mailbox", __name__, template_folder="templates")


@area.get("/mailbox/")
@guard(Permission.VISIT)
def index() -> str:
    """List the kept messages, newest first."""
    return render_template("mentormatch/mailbox/index.html", mails=mailbox.kept(installation().config.mailbox))


@area.get("/mailbox/<key>")
@guard(Permission.VISIT)
def show(key: str) -> str:
    """Show one message as its reader would see it."""
    mail = mailbox.one(installation().config.mailbox, key)
    if mail is None:
        raise NotFound("There is nothing here, or it is not for you to see.")
    blocks = [block.split("\n") for block in mail.body.strip().split("\n\n")]
    return render_template("mentormatch/mailbox/show.html", mail=mail, blocks=blocks)
