"""Signing in and out of the standalone application."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.accounts import cookie
from mentormatch.blueprints.accounts.forms import LinkForm, NewPasswordForm, PasswordForm
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.limits import attempts
from mentormatch.blueprints.redirects import local_path, notice
from mentormatch.blueprints.request import actor, installation, speech, store
from mentormatch.core.errors import InvalidInput, NotFound
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS
from mentormatch.services import accounts, demo

area = Blueprint("accounts", __name__, template_folder="templates")


def _enter(token: str, path: str | None) -> Response:
    return cookie.give(redirect(local_path(path) or url_for("mentormatch.programmes.index"), 303), token)


@area.get("/sign-in")
@guard(Permission.VISIT)
def sign_in() -> str:
    """Show the ways to sign in."""
    wanted = local_path(request.args.get("next")) or ""
    return render_template("mentormatch/accounts/sign_in.html", form=PasswordForm(next=wanted), **_demo())


@area.post("/sign-in")
@guard(Permission.VISIT)
def enter() -> str | Response | tuple[str, int]:
    """Sign in with a password. One answer for every failure: it does not tell who has an account."""
    form = PasswordForm()
    attempts("password", form.email.data or "")
    if form.validate():
        person = accounts.check_password(store(), email=form.email.data, password=form.password.data)
        if person is not None:
            return _enter(accounts.open_session(store(), person_id=person), form.next.data)
        form.refuse(InvalidInput("The email address and the password do not belong together."))
    return render_template("mentormatch/accounts/sign_in.html", form=form, **_demo()), 422


@area.post("/sign-in/link")
@guard(Permission.VISIT)
def ask_link() -> str | tuple[str, int]:
    """Send a sign-in link, if the address is known; the answer is the same if it is not."""
    form = LinkForm()
    attempts("link", form.email.data or "")
    if not form.validate():
        entered = PasswordForm()
        entered.email.errors = form.email.errors
        return render_template("mentormatch/accounts/sign_in.html", form=entered, **_demo()), 422
    accounts.request_link(store(), email=form.email.data, next_path=local_path(form.next.data) or "/")
    return render_template("mentormatch/accounts/link_sent.html", email=form.email.data)


@area.get("/sign-in/link/<token>")
@guard(Permission.VISIT)
def show_link(token: str) -> str:
    """Ask for one more press: mail scanners open links, and must not use them up."""
    owner = accounts.link_owner(store(), token=token)
    if owner is None:
        raise NotFound("This sign-in link has been used or has expired. Ask for a new one.")
    return render_template("mentormatch/accounts/link.html", owner=owner)


@area.post("/sign-in/link/<token>")
@guard(Permission.VISIT)
def use_link(token: str) -> Response:
    """Sign in by the link, once."""
    opened, path = accounts.redeem_link(store(), token=token)
    return _enter(opened, path)


@area.post("/sign-out")
@guard(Permission.VISIT)
def sign_out() -> Response:
    """Sign out; the session is over, not only the cookie."""
    if token := cookie.token():
        accounts.close_session(store(), token=token)
    session.clear()  # notices and choices are not for whoever sits here next
    return cookie.take(redirect(url_for("mentormatch.accounts.sign_in"), 303))


@area.route("/account/password", methods=["GET", "POST"])
@guard(Permission.USE_OWN_ACCOUNT)
def password() -> str | Response | tuple[str, int]:
    """Choose a password; all other browsers are signed out."""
    form = NewPasswordForm()
    if not form.is_submitted():
        return render_template("mentormatch/accounts/password.html", form=form)
    if form.validate():
        try:
            accounts.set_password(store(), actor=actor(), password=form.password.data)
        except InvalidInput as error:
            form.refuse(error)
        else:
            notice("Your password is set. Other browsers are signed out.")
            return _enter(accounts.open_session(store(), person_id=actor().person_id), None)
    return render_template("mentormatch/accounts/password.html", form=form), 422


def _demo() -> dict[str, object]:
    """Return whom one can try in a demo, for the page."""
    if not installation().config.mailbox_page:
        return {"demo": False}
    people = [(ROLE_LABELS[role].to(speech().language), address) for role, address in demo.PEOPLE_TO_TRY]
    return {"demo": True, "demo_people": people, "demo_password": demo.PASSWORD}
