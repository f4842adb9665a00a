"""The one form of criteria and rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, SelectField, StringField
from wtforms.fields import SelectChoice, SelectMultipleField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from mentormatch.blueprints.forms import Form, LazyText
from mentormatch.blueprints.request import gettext, speech
from mentormatch.core.errors import InvalidInput
from mentormatch.core.field_kinds import LANGUAGE_LEVELS
from mentormatch.core.i18n import N_
from mentormatch.core.wording import Bilingual
from mentormatch.queries.criteria import PersonChoice, Setting
from mentormatch.services.criteria import DEAREST, HEAVIEST, LONGEST_LABEL, CriterionInput, RuleInput

WEEK = 7 * 24 * 60
_LONGEST_ID = 10


class CriterionForm(Form):
    """One criterion: its name, what it compares, and its weight. `gone` takes it out when the page is saved."""

    key = HiddenField()
    kind = HiddenField(validators=[InputRequired()])
    label_ja = StringField(LazyText(N_("Name in Japanese")), [Length(max=LONGEST_LABEL)])
    label_en = StringField(LazyText(N_("Name in English")), [Length(max=LONGEST_LABEL)])
    intern_fields = SelectMultipleField(LazyText(N_("The intern's side")), validate_choice=False)
    host_fields = SelectMultipleField(LazyText(N_("The other side")), validate_choice=False)
    weight = IntegerField(LazyText(N_("Weight")), [InputRequired(), NumberRange(0, HEAVIEST)])
    gone = BooleanField(LazyText(N_("Remove this criterion")))

    def given(self) -> CriterionInput:
        """Return what was entered."""
        return CriterionInput(
            key=self.key.data or "",
            kind=self.kind.data,
            label=Bilingual((self.label_en.data or "").strip(), (self.label_ja.data or "").strip()),
            intern_fields=tuple(self.intern_fields.data or ()),
            host_fields=tuple(self.host_fields.data or ()),
            weight=self.weight.data,
        )


class PairForm(Form):
    """Two people who must never be paired."""

    first = SelectField(LazyText(N_("Intern")), coerce=str, validate_choice=False)
    second = SelectField(LazyText(N_("Mentor or alumnus")), coerce=str, validate_choice=False)


class RuleForm(Form):
    """One rule, with those of its options that it has."""

    key = HiddenField()
    kind = HiddenField()
    active = BooleanField()
    min_level = SelectField(LazyText(N_("Lowest level")), coerce=int, validate_choice=False)
    minutes = IntegerField(LazyText(N_("Minutes a week")), [Optional(), NumberRange(1, WEEK)])
    price = IntegerField(LazyText(N_("Points lost where there is no other way")), [Optional(), NumberRange(0, DEAREST)])
    pairs = FieldList(FormField(PairForm))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = speech().language
        self.min_level.choices = [SelectChoice(level, name.to(language)) for level, name in LANGUAGE_LEVELS.items()]

    def given(self) -> RuleInput:
        """Return what was entered; rows of people in which nobody was chosen are left out."""
        params: dict[str, Any] = {}
        if self.kind.data == "shared_language":
            params["min_level"] = self.min_level.data
        if self.kind.data == "shared_hours":
            params["minutes"] = self.minutes.data or 0
        if self.kind.data == "never_pairs":
            rows = [(row.form.first.data, row.form.second.data) for row in self.pairs]
            params["pairs"] = [[_person(one), _person(other)] for one, other in rows if one or other]
        return RuleInput(key=self.key.data or "", active=bool(self.active.data), params=params, price=self.price.data)


def _person(chosen: str | None) -> int:
    """Return the id that was chosen, 0 for what is none: nobody has it."""
    return int(chosen) if chosen and chosen.isascii() and chosen.isdecimal() and len(chosen) < _LONGEST_ID else 0


class CriteriaForm(Form):
    """Everything on the page. `seen` recognises the state that the admin looked at."""

    seen = HiddenField()
    criteria = FieldList(FormField(CriterionForm))
    rules = FieldList(FormField(RuleForm))

    @classmethod
    def showing(cls, found: Setting, added: str | None = None) -> CriteriaForm:
        """Return the form filled with what is stored, and with an empty criterion of the kind `added`."""
        criteria = [
            {
                "key": item.key,
                "kind": item.kind,
                "label_ja": item.label.ja,
                "label_en": item.label.en,
                "intern_fields": list(item.intern_fields),
                "host_fields": list(item.host_fields),
                "weight": item.weight,
            }
            for item in found.criteria
        ]
        if added:
            criteria.append(new_criterion(added))
        rules = [
            {
                "key": item.key,
                "kind": item.kind,
                "active": item.active,
                "min_level": item.params.get("min_level"),
                "minutes": item.params.get("minutes"),
                "price": item.price,
                "pairs": [{"first": str(one), "second": str(other)} for one, other in item.params.get("pairs", ())]
                + ([{}] if item.kind == "never_pairs" else []),
            }
            for item in found.rules
        ]
        return cls(formdata=None, data={"seen": found.seen, "criteria": criteria, "rules": rules})

    @property
    def kept(self) -> list[CriterionForm]:
        """The criteria that stay."""
        return [entry.form for entry in self.criteria if not entry.form.gone.data]

    def give_choices(self, people: Mapping[str, Sequence[PersonChoice]]) -> None:
        """Offer the programme's people where two of them are chosen."""
        for entry in self.rules:
            for row in entry.form.pairs:
                give_people(row.form, people)

    def refuse(self, error: InvalidInput) -> None:
        """Show a service's refusal at the criterion or rule that it names, or above the form."""
        text = gettext(error.message, **error.fields)
        match (error.field or "").split("-", 2):
            case ["criteria", index, name] if int(index) < len(self.kept) and name in self.kept[int(index)]:
                self.kept[int(index)][name].errors = [text]
            case _:
                self.form_errors.append(text)


def new_criterion(kind: str) -> dict[str, Any]:
    """Return what a new criterion begins with."""
    return {
        "key": "",
        "kind": kind,
        "label_ja": "",
        "label_en": "",
        "intern_fields": [],
        "host_fields": [],
        "weight": 10,
    }


def give_people(row: PairForm, people: Mapping[str, Sequence[PersonChoice]]) -> None:
    """Offer the programme's people in one row. Whoever has left in the meantime stays, by number."""
    language = speech().language
    for field, side in ((row.first, "interns"), (row.second, "hosts")):
        known = [SelectChoice(str(one.person_id), one.label.to(language)) for one in people[side]]
        if field.data and field.data not in {choice.value for choice in known}:
            known.append(SelectChoice(field.data, gettext("Person %(number)s, no longer enrolled", number=field.data)))
        field.choices = [SelectChoice("", gettext("Choose")), *known]
