"""`create_app`: the standalone application, nothing but a small host."""

from __future__ import annotations

import os

from flask import Flask, url_for
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from mentormatch.blueprints import mount
from mentormatch.blueprints.accounts import cookie
from mentormatch.blueprints.guard import harden
from mentormatch.core.config import Config
from mentormatch.extension import MentorMatch


def create_app(config: Config | None = None) -> Flask:
    """Return the standalone application.

    Parameters
    ----------
    config:
        Settings; by default read from the ``MENTORMATCH_*`` environment variables.
    """
    settings = config or Config.from_mapping(os.environ)
    settings.instance_dir.mkdir(parents=True, exist_ok=True)
    app = Flask("mentormatch.host", instance_path=str(settings.instance_dir.resolve()), static_folder=None)
    app.config.update(
        SECRET_KEY=settings.secret(),
        MAX_CONTENT_LENGTH=settings.upload_limit,
        MAX_FORM_PARTS=5_000,
        SESSION_COOKIE_NAME="__Host-mm" if settings.secure else "mm",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
    )
    if settings.secure:
        # TLS ends at a proxy in front; one hop is trusted for the scheme, none for the host: links use base_url.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0)  # type: ignore[method-assign]
    MentorMatch().init_app(
        app,
        user_loader=cookie.signed_in_email,
        sign_in_url=lambda wanted: url_for("mentormatch.accounts.sign_in", next=wanted),
        sign_out_url=lambda: url_for("mentormatch.accounts.sign_out"),
        config=settings,
        standalone=True,
    )
    # An address that no blueprint owns is answered by the app alone, so it needs the error page too.
    app.register_error_handler(HTTPException, mount.say_http_error)
    app.context_processor(mount.frame)
    app.after_request(harden)
    return app
