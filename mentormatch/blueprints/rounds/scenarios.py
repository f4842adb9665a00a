"""Trying other settings: a run with another objective or other weights, and who would move between two runs."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request
from werkzeug.wrappers import Response
from wtforms import DecimalField, IntegerField, RadioField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.request import actor, gettext, speech, store
from mentormatch.blueprints.rounds import effects, review_rows, review_state, words
from mentormatch.blueprints.rounds.area import area
from mentormatch.blueprints.rounds.review_address import number_in, parse
from mentormatch.core.errors import InvalidInput, NotFound
from mentormatch.core.i18n import N_
from mentormatch.core.policy import Permission
from mentormatch.queries import criteria, rounds, what_if
from mentormatch.queries import runs as reading
from mentormatch.queries.criteria import CriterionView
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.queries.run_settings import HIGHEST_WEIGHT, LONGEST_NAME, MOST_STAYING, OBJECTIVES, RunSettings
from mentormatch.services import runs

_NOTHING = "There is nothing here, or it is not for you to see."

_HINTS = {
    "total": N_("The usual choice: the sum of all fits is as high as it can be."),
    "worst_off": N_("Raises the weakest pair first, and then the rest; the mean may fall a little."),
    "mixture": N_("Weighs the mean against the weakest pair."),
    "stable": N_("No intern and host would both rather have each other; fewer pairs may come about."),
}


def _objectives() -> list[tuple[str, str]]:
    return [(key, gettext(text)) for key, text in OBJECTIVES.items()]


class TrialForm(Form):
    """The settings of one run, without its weights, which are one number for each criterion."""

    name = StringField(LazyText(N_("Name of this attempt")), [Length(max=LONGEST_NAME)])
    objective = RadioField(
        LazyText(N_("What shall be best?")), [InputRequired(LazyText(N_("Choose one.")))], choices=_objectives
    )
    mixture = IntegerField(
        LazyText(N_("How much the weakest pair counts")),
        [Optional(), NumberRange(0, 100)],
        description=LazyText(N_("For “Between the two”: 0 is the mean alone, 100 the weakest pair alone.")),
    )
    staying = DecimalField(
        LazyText(N_("What an undisturbed pair is worth")),
        [InputRequired(), NumberRange(0, MOST_STAYING)],
        places=1,
        description=LazyText(
            N_("Points of fit. Pairs of the run under review are broken up only where that gains more than this.")
        ),
    )


def _weight_field(found: CriterionView) -> IntegerField:
    label = found.label.to(speech().language)
    return IntegerField(label, [InputRequired(), NumberRange(0, HIGHEST_WEIGHT)])


def _form(listed: tuple[CriterionView, ...], settings: RunSettings | None = None) -> TrialForm:
    """Return the form with a field for the weight of each criterion; filled in when settings are given."""
    fields = {f"weight_{one.key}": _weight_field(one) for one in listed}
    made: type[TrialForm] = type("WeighedTrialForm", (TrialForm,), fields)
    if settings is None:
        return made()
    data: dict[str, Any] = {name: getattr(settings, name) for name in ("name", "objective", "mixture", "staying")}
    data |= {f"weight_{one.key}": settings.weights.get(one.key, one.weight) for one in listed}
    return made(formdata=None, data=data)


def _settings(form: TrialForm, listed: tuple[CriterionView, ...]) -> RunSettings:
    weights = {one.key: form[f"weight_{one.key}"].data for one in listed}
    return RunSettings(
        name=(form.name.data or "").strip(),
        objective=form.objective.data,
        mixture=50 if form.mixture.data is None else form.mixture.data,
        staying=float(form.staying.data),
        weights={one.key: weights[one.key] for one in listed if weights[one.key] != one.weight},
    )


@area.get("/programmes/<programme>/rounds/<int:number>/review/try")
@guard(Permission.RUN_ROUNDS)
def trial(programme: ProgrammeView, number: int) -> str:
    """Show the settings that the next run may have."""
    found = rounds.by_number(store(), programme.id, number)
    last = None if found.run_id is None else reading.by_id(store(), programme.id, found.run_id).settings
    listed = criteria.setting(store(), programme.id).criteria
    return _page(programme, number, _form(listed, last or RunSettings()), listed)


@area.post("/programmes/<programme>/rounds/<int:number>/review/try")
@guard(Permission.RUN_ROUNDS)
def try_out(programme: ProgrammeView, number: int) -> Response | tuple[str, int]:
    """Run the matching with other settings; the programme's own stay as they are."""
    found = rounds.by_number(store(), programme.id, number)
    listed = criteria.setting(store(), programme.id).criteria
    form = _form(listed)
    try:
        if form.validate():
            runs.start(store(), actor=actor(), round_id=found.id, settings=_settings(form, listed))
            return redirect(words.address(programme, found, "running"), 303)
    except InvalidInput as error:
        form.refuse(error)
    return _page(programme, number, form, listed), 422


def _page(programme: ProgrammeView, number: int, form: TrialForm, listed: tuple[CriterionView, ...]) -> str:
    return render_template(
        "mentormatch/rounds/trial.html",
        programme=programme,
        round=rounds.by_number(store(), programme.id, number),
        here=parse(programme, number, {}),
        form=form,
        hints={key: gettext(text) for key, text in _HINTS.items()},
        weights=[form[f"weight_{one.key}"] for one in listed],
    )


@area.get("/programmes/<programme>/rounds/<int:number>/review/difference")
@guard(Permission.SEE_ROUNDS)
def difference(programme: ProgrammeView, number: int) -> str | Response:
    """Show everybody whose host differs between the run under review and another one: who gains, who loses."""
    found = rounds.by_number(store(), programme.id, number)
    here = parse(programme, number, {"track": request.args.get("track", "")})
    if "other" not in request.args:
        return redirect(here.url, 303)
    looked = review_state.load(programme, found, here)
    wanted = number_in(request.args.get("other"), -1)
    other = None if looked is None else next((run for run in looked.runs if run.number == wanted), None)
    if looked is None or other is None or other.id == looked.run.id:
        raise NotFound(_NOTHING)
    between = what_if.between_runs(store(), looked.run.id, other.id, str(looked.track))
    return render_template(
        "mentormatch/rounds/difference.html",
        programme=programme,
        round=found,
        here=here,
        found=looked,
        changed=review_rows.changed(looked.changes),
        other=other,
        effect=effects.view(looked, between),
        sides=_sides(between),
    )


def _sides(between: what_if.Effect) -> list[tuple[str, int]]:
    """Return how many gain, lose and stay alike among those who move."""
    gains = [(move.points_after or 0) - (move.points_before or 0) for move in between.moves]
    return [
        (gettext("better off"), sum(gain > 0 for gain in gains)),
        (gettext("worse off"), sum(gain < 0 for gain in gains)),
        (gettext("as well off"), sum(gain == 0 for gain in gains)),
    ]
