"""Criteria, weights and rules of a programme."""

from __future__ import annotations

import secrets

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from mentormatch.blueprints.criteria import words
from mentormatch.blueprints.criteria.forms import CriteriaForm, CriterionForm, PairForm, give_people, new_criterion
from mentormatch.blueprints.guard import guard
from mentormatch.blueprints.redirects import notice
from mentormatch.blueprints.request import actor, store
from mentormatch.core.errors import InvalidInput, NotFound
from mentormatch.core.policy import Permission
from mentormatch.core.roles import ROLE_LABELS
from mentormatch.queries import criteria as reading
from mentormatch.queries import samples
from mentormatch.queries.programmes import ProgrammeView
from mentormatch.services import criteria

area = Blueprint("criteria", __name__, template_folder="templates")


@area.get("/programmes/<programme>/criteria/")
@guard(Permission.EDIT_CRITERIA)
def edit(programme: ProgrammeView) -> str:
    """Show criteria and rules; `add` puts an empty criterion of that kind below the others."""
    added = request.args.get("add")
    known = {choice.kind for choice in reading.kinds(programme.tracks)}
    form = CriteriaForm.showing(reading.setting(store(), programme.id), added if added in known else None)
    return _page(programme, form)


@area.post("/programmes/<programme>/criteria/")
@guard(Permission.EDIT_CRITERIA)
def save(programme: ProgrammeView) -> Response | tuple[str, int]:
    """Save everything and go to the sample."""
    form = CriteriaForm()
    try:
        if form.validate():
            criteria.save(
                store(),
                actor=actor(),
                programme_id=programme.id,
                seen=form.seen.data or "",
                criteria=[item.given() for item in form.kept],
                rules=[entry.form.given() for entry in form.rules],
            )
            notice("Criteria and rules are saved. The next run uses them.")
            here = url_for("mentormatch.criteria.edit", programme=programme.slug, tested=1, _anchor="sample")
            return redirect(here, 303)
    except InvalidInput as error:
        form.refuse(error)
    return _page(programme, form), 422


def _page(programme: ProgrammeView, form: CriteriaForm) -> str:
    people = reading.people(store(), programme.id)
    form.give_choices(people)
    blank = PairForm(formdata=None)
    give_people(blank, people)
    return render_template(
        "mentormatch/criteria/edit.html",
        programme=programme,
        form=form,
        shares=_shares(form),
        kinds={choice.kind: choice for choice in reading.kinds(programme.tracks)},
        stated={choice.kind: choice for choice in reading.stated()},
        words=words,
        is_relaxable=reading.is_relaxable,
        blank={field.name: [(choice.value, choice.label) for choice in field.choices] for field in blank},
        tested="tested" in request.args,
    )


def _shares(form: CriteriaForm) -> dict[str, float]:
    """Return prefix of a criterion -> its share of the 100 points, rounded."""
    weights = {item["key"].id: 0 if item.gone.data else max(0, item.weight.data or 0) for item in _all(form)}
    whole = sum(weights.values())
    return {name: round(100 * weight / whole, 1) if whole else 0.0 for name, weight in weights.items()}


def _all(form: CriteriaForm) -> list[CriterionForm]:
    return [entry.form for entry in form.criteria]


@area.post("/programmes/<programme>/criteria/shares")
@guard(Permission.EDIT_CRITERIA)
def shares(programme: ProgrammeView) -> str:
    """Work out the shares of weights that are being typed; nothing is saved."""
    form = CriteriaForm()
    return render_template(
        "mentormatch/criteria/shares.html", programme=programme, shares=_shares(form), form=form, swap=True
    )


@area.get("/programmes/<programme>/criteria/new")
@guard(Permission.EDIT_CRITERIA)
def new(programme: ProgrammeView) -> Response | str:
    """Give the page one more criterion of the kind `add`, not yet saved."""
    kinds = {choice.kind: choice for choice in reading.kinds(programme.tracks)}
    kind = request.args.get("add", "")
    if kind not in kinds:
        raise NotFound("There is no such comparison.")
    if "HX-Request" not in request.headers:
        return redirect(url_for("mentormatch.criteria.edit", programme=programme.slug, add=kind), 303)
    # The number only has to differ from those on the page: rows keep the order of their numbers.
    number = 1000 + secrets.randbelow(1_000_000)
    form = CriterionForm(formdata=None, data=new_criterion(kind), prefix=f"criteria-{number}-")
    return render_template("mentormatch/criteria/new.html", programme=programme, item=form, kinds=kinds, words=words)


@area.get("/programmes/<programme>/criteria/sample")
@guard(Permission.EDIT_CRITERIA)
def sample(programme: ProgrammeView) -> str:
    """Show a few interns with those who would fit them best."""
    start = request.args.get("start", 0, type=int)
    template = "sample_part.html" if "HX-Request" in request.headers else "sample.html"
    return render_template(
        f"mentormatch/criteria/{template}",
        programme=programme,
        sample=samples.draw(store(), programme.id, start),
        labels={item.key: item.label for item in reading.setting(store(), programme.id).criteria},
        track_labels=ROLE_LABELS,
        words=words,
    )
