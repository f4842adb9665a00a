"""A tiny university site that mounts MentorMatch: its own login, its own layout, its own database session.

Run it with ``flask --app examples/host_site/app.py run`` after ``mentormatch db upgrade`` on the same database.
"""

from __future__ import annotations

from flask import Flask, redirect, render_template, request, session, url_for
from flask_sqlalchemy import SQLAlchemy
from werkzeug.wrappers import Response

from mentormatch import MentorMatch
from mentormatch.core.config import Config

STAFF_AND_STUDENTS = {"kato": "kato.akari@career.example.ac.jp", "aoi": "aoi.suzuki@student.example.ac.jp"}
"""The university's own directory: login name and verified address. A real site asks its identity provider."""


def create_site(config: Config) -> Flask:
    """Return the university's site with MentorMatch under ``/mentoring``."""
    site = Flask(__name__)
    site.config.update(SECRET_KEY=config.secret(), SQLALCHEMY_DATABASE_URI=config.database)
    db = SQLAlchemy(site)

    @site.get("/")
    def front() -> str:
        return render_template("front.html", user=session.get("user"))

    @site.route("/login", methods=["GET", "POST"])
    def login() -> str | Response:
        name = request.form.get("name", "")
        if request.method == "POST" and name in STAFF_AND_STUDENTS:
            session["user"] = name
            return redirect(request.args.get("next", type=_local) or url_for("front"))
        return render_template("login.html")

    @site.post("/logout")
    def logout() -> Response:
        session.clear()
        return redirect(url_for("front"))

    MentorMatch().init_app(
        site,
        url_prefix="/mentoring",
        user_loader=lambda: STAFF_AND_STUDENTS.get(session.get("user", "")),
        layout="university.html",
        sign_in_url=lambda wanted: url_for("login", next=wanted),
        sign_out_url="/logout",
        db=db,
        config=config,
    )
    return site


def _local(path: str) -> str:
    if not path.startswith("/") or path.startswith(("//", "/\\")):
        raise ValueError(path)
    return path
