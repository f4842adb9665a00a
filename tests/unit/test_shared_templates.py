"""The shared templates, rendered for real: shells, components, error pages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask, render_template, render_template_string
from flask_babel import Babel
from flask_wtf import CSRFProtect
from wtforms import BooleanField, FieldList, Form, FormField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import HiddenInput

import mentormatch

PACKAGE = Path(mentormatch.__file__).parent
STATIC = PACKAGE / "static"


class Language(Form):
    code = StringField("Language", [InputRequired("Choose a language")])


class Profile(Form):
    name = StringField("Family name", [InputRequired("Enter your family name")], description="As you write it")
    about = TextAreaField("About you", [Length(max=20)])
    kind = RadioField("How to meet", choices=[SelectChoice("online", "Online"), SelectChoice("place", "In person")])
    agree = BooleanField("I agree", description="You can withdraw it")
    languages = FieldList(FormField(Language), min_entries=1)
    secret = StringField(widget=HiddenInput())


class Shell:
    """The least that the extension gives to templates."""

    layout = "mentormatch/standalone.html"
    language = "en"
    theme = actor = programme = sign_out_url = programmes_url = None
    navigation: tuple[object, ...] = ()
    tabbar: tuple[object, ...] = ()
    language_url = home_url = "/"

    def asset(self, name: str) -> str:
        assert (STATIC / name).is_file(), name
        return f"/static/{name}"


@pytest.fixture
def app() -> Flask:
    app = Flask("shells", template_folder=str(PACKAGE / "templates"))
    app.config.update(SECRET_KEY="only here")
    Babel(app)
    CSRFProtect(app)
    app.context_processor(lambda: {"mm": Shell()})
    return app


def macro(app: Flask, call: str, **context: object) -> str:
    source = '{% import "mentormatch/macros.html" as m with context %}' + call
    with app.test_request_context():
        return render_template_string(source, **context).strip()


def test_a_field_says_what_is_wrong_and_where(app: Flask) -> None:
    form = Profile(data={"languages": [{}]})
    form.validate()
    html = macro(app, "{{ m.field(form.name, autocomplete='family-name') }}", form=form)
    assert '<label for="name">Family name<span class="mm-req">required</span></label>' in html
    assert 'aria-describedby="name-hint name-error"' in html
    assert 'aria-invalid="true"' in html
    assert 'autocomplete="family-name"' in html
    assert '<span class="mm-err" id="name-error">' in html


def test_a_counted_field_is_not_cut_off_by_the_browser(app: Flask) -> None:
    html = macro(app, "{{ m.field(form.about, count=True) }}", form=Profile())
    assert 'data-count="20"' in html
    assert "maxlength" not in html
    assert '<span class="mm-chars" id="about-count" data-over="over by">up to 20 characters</span>' in html


def test_choices_stand_in_a_fieldset(app: Flask) -> None:
    html = macro(app, "{{ m.field(form.kind) }}", form=Profile())
    assert html.startswith('<fieldset class="mm-field" id="kind" tabindex="-1">')
    assert html.count('<label class="mm-check">') == 2


def test_a_box_is_described_by_its_hint(app: Flask) -> None:
    html = macro(app, "{{ m.field(form.agree) }}", form=Profile())
    assert 'aria-describedby="agree-hint"' in html
    assert '<small id="agree-hint">You can withdraw it</small>' in html


def test_hidden_fields_have_no_label(app: Flask) -> None:
    assert "label" not in macro(app, "{{ m.field(form.secret) }}", form=Profile())


def test_the_summary_names_nested_errors_once_and_takes_focus(app: Flask) -> None:
    form = Profile(data={"languages": [{}], "about": "x" * 21, "kind": "online"})
    form.validate()
    html = macro(app, "{{ m.form_errors(form) }}", form=form)
    assert "There are 3 things to fix" in html
    assert '<a href="#languages-0-code">Choose a language</a>' in html
    assert "autofocus" in html
    assert macro(app, "{{ m.form_errors(form) }}", form=Form()) == ""


def test_what_people_write_is_escaped(app: Flask) -> None:
    nasty = "<script>alert(1)</script>"
    calls = (
        "m.pill(x)",
        "m.person(x, x)",
        "m.note(x)",
        "m.toast(x)",
        "m.hist([1], 0, 5, x)",
        "m.tags([x])",
        "m.steps([x], 1)",
    )
    for call in (*calls, "m.post_button('/', x, fields={'a': x})", "m.input('a', x, value=x)", "m.keyvalues([(x, x)])"):
        assert nasty not in macro(app, f"{{{{ {call} }}}}", x=nasty), call


def test_initials_follow_the_script_of_the_name(app: Flask) -> None:
    names = ("加藤 あかり", "Akari Kato", "김민준", "Lucas", "", "Trần Thị Linh")
    drawn = [re.findall(r">([^<]*)</span>", macro(app, "{{ m.avatar(x) }}", x=name))[0] for name in names]
    assert drawn == ["加", "AK", "김", "L", "?", "TL"]


def test_bars_of_criteria_have_tracks_as_long_as_their_weights(app: Flask) -> None:
    html = macro(app, "{{ m.criteria([('Field', 13, 30, ''), ('Time', 4, 15, '')]) }}")
    assert re.findall(r'class="t" width="([\d.]+)"', html) == ["100.0", "50.0"]
    assert re.findall(r'class="(v|lo)" width="([\d.]+)"', html) == [("v", "43.3"), ("lo", "13.3")]


def test_charts_survive_empty_data(app: Flask) -> None:
    calls = ("m.hist([0, 0, 0], 50, 5, 'none')", "m.load_bar([('f', 0)], 'none')", "m.wbar(0, 0, 0)", "m.criteria([])")
    for call in calls:
        assert "nan" not in macro(app, f"{{{{ {call} }}}}")


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 413, 418, 422, 429, 500, 503])
def test_an_error_page_says_what_to_do(app: Flask, code: int) -> None:
    with app.test_request_context():
        html = render_template("mentormatch/error.html", code=code, detail="Row 42 <b>")
    assert f"Code {code}" in html
    assert "Row 42 &lt;b&gt;" in html
    assert '<a class="mm-btn mm-btn-p" href="/">' in html


@pytest.mark.parametrize("name", ["admin", "participant", "plain", "components"])
def test_shells_are_whole_documents(app: Flask, name: str) -> None:
    with app.test_request_context():
        html = render_template(f"mentormatch/{name}.html")
    assert html.startswith("<!doctype html>")
    assert html.count('<main class="') == 1
    assert html.count('class="mm-skip"') == 1
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(ids) == sorted(set(ids))


def test_a_host_layout_needs_three_blocks(app: Flask) -> None:
    blocks = ("mm_title", "mm_head", "mm_body")
    host = "\f".join("{% block " + name + " %}{% endblock %}" for name in blocks)

    class Hosted(Shell):
        layout = app.jinja_env.from_string(host)

    with app.test_request_context():
        html = render_template("mentormatch/plain.html", mm=Hosted())
    title, head, body = html.split("\f")
    assert title == " — MentorMatch"
    assert "mm.css" in head
    assert body.lstrip().startswith('<div class="mm-root mm-part" lang="en"')
