"""Forms of signing in."""

from __future__ import annotations

from wtforms import EmailField, HiddenField, PasswordField
from wtforms.validators import InputRequired, Length

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.core.i18n import N_

_ENTER_EMAIL = LazyText(N_("Enter your email address"))


class LinkForm(Form):
    """Ask for a sign-in link."""

    email = EmailField(LazyText(N_("Email")), [InputRequired(_ENTER_EMAIL), Length(max=254)])
    next = HiddenField()


class PasswordForm(LinkForm):
    """Sign in with a password."""

    password = PasswordField(
        LazyText(N_("Password")), [InputRequired(LazyText(N_("Enter your password"))), Length(max=128)]
    )


class NewPasswordForm(Form):
    """Choose a password."""

    password = PasswordField(LazyText(N_("New password")), [InputRequired(LazyText(N_("Enter your password")))])
