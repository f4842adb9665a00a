"""All areas of the site under one blueprint, made anew for each app."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, g, redirect, render_template, request, session, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as BaseResponse

from mentormatch.blueprints import site
from mentormatch.blueprints.accounts.routes import area as accounts
from mentormatch.blueprints.components.routes import area as components
from mentormatch.blueprints.criteria.routes import area as criteria
from mentormatch.blueprints.guard import check_body, check_csrf, guard, harden
from mentormatch.blueprints.home.routes import area as home
from mentormatch.blueprints.imports.routes import area as imports
from mentormatch.blueprints.mailbox.routes import area as mailbox
from mentormatch.blueprints.participants.routes import area as participants
from mentormatch.blueprints.profile.routes import area as profile
from mentormatch.blueprints.programmes.routes import area as programmes
from mentormatch.blueprints.redirects import here, local_path
from mentormatch.blueprints.request import gettext, installation, ngettext, speech, store
from mentormatch.blueprints.rounds.routes import area as rounds
from mentormatch.blueprints.settings.routes import area as settings
from mentormatch.blueprints.wishes.routes import area as wishes
from mentormatch.core.config import Config
from mentormatch.core.errors import MentorMatchError, SignInRequired
from mentormatch.core.policy import Permission
from mentormatch.core.wording import LANGUAGES
from mentormatch.queries import DatabaseAway

AREAS = (programmes, participants, imports, criteria, rounds, home, profile, wishes, settings)


def build(config: Config, *, standalone: bool) -> Blueprint:
    """Return the blueprint of the whole site.

    Parameters
    ----------
    config:
        Decides about the pages that only a demo or a developer has.
    standalone:
        Whether MentorMatch signs people in itself.
    """
    root = Blueprint(
        "mentormatch", "mentormatch", template_folder="templates", static_folder="static", static_url_path="/static"
    )
    optional = ((accounts, standalone), (mailbox, config.mailbox_page), (components, config.component_page))
    for area in (*AREAS, *(area for area, wanted in optional if wanted)):
        root.register_blueprint(area)
    root.add_url_rule("/language", "language", guard(Permission.VISIT)(choose_language), methods=["POST"])
    root.before_request(check_body)
    root.before_request(check_csrf)
    root.after_request(harden)
    root.context_processor(frame)
    root.register_error_handler(MentorMatchError, _deliberate)
    root.register_error_handler(HTTPException, say_http_error)
    root.register_error_handler(DatabaseAway, _away)
    return root


def choose_language() -> BaseResponse:
    """Remember the language that the visitor chose and go back to the page."""
    chosen = request.form.get("language")
    if chosen in LANGUAGES:
        session["mm_language"] = chosen
    return redirect(local_path(request.form.get("next")) or url_for("mentormatch.programmes.index"), 303)


def frame() -> dict[str, Any]:
    """Return what every template can use."""
    spoken = speech()
    return {
        "mm": site.build(),
        "_": lambda text, **fields: Markup(gettext(text)) % fields if fields else gettext(text),  # noqa: S704 - ours, fields are escaped
        "ngettext": ngettext,
        "say": spoken,
        "csrf_token": generate_csrf,
    }


def _deliberate(error: MentorMatchError) -> tuple[str, int] | BaseResponse:
    sign_in = installation().sign_in_url(here())
    if isinstance(error, SignInRequired) and sign_in:
        if request.headers.get("HX-Request"):
            return Response("", 401, {"HX-Redirect": sign_in})
        return redirect(sign_in, 303)
    return _page(error.status, gettext(error.message, **error.fields))


def _away(error: DatabaseAway) -> tuple[str, int, dict[str, str]]:
    """Answer when the database is locked or away: nothing was half-done, and a moment later it may be back."""
    current_app.logger.error("the database is away: %s", error)
    store().rollback()
    g.setdefault("mm_actor", None)  # the page itself must not ask the database again
    text, _ = _page(503, "")
    return text, 503, {"Retry-After": "5"}


def say_http_error(error: HTTPException) -> tuple[str, int] | HTTPException:
    """Answer an HTTP error with our page."""
    if error.code is None or error.code < 400:  # noqa: PLR2004 - redirects are no errors
        return error
    return _page(error.code, "")


def _page(status: int, message: str) -> tuple[str, int]:
    return render_template("mentormatch/error.html", code=status, detail=message), status
