"""What is known before a run, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from babel import Locale
from babel.dates import get_day_names

from mentormatch.blueprints.criteria.words import RULES as RULE_NAMES
from mentormatch.blueprints.criteria.words import rule_words
from mentormatch.blueprints.request import gettext, ngettext, speech
from mentormatch.blueprints.rounds import words
from mentormatch.core.clock import now
from mentormatch.core.fields import BY_KEY, LANGUAGE_LEVELS
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role
from mentormatch.queries.readiness import Known
from mentormatch.queries.supply import PARTS, Line, Market, Slot, Topic, Totals

_FIRST = 8
"""Lines of supply and demand that show at once."""
_MINUTES, _HOURS = 60, 24
_WORST = 3
_DECIDED = N_("decided by the office")

NOBODY: Mapping[Role, str] = {Role.MENTOR: N_("no mentor is possible"), Role.ALUMNUS: N_("no alumnus is possible")}


def hosts(track: Role, number: int) -> str:
    """Return a number of hosts of a track in words."""
    mentors = ngettext("%(num)s mentor", "%(num)s mentors", number)
    alumni = ngettext("%(num)s alumnus", "%(num)s alumni", number)
    return alumni if track is Role.ALUMNUS else mentors


def track_name(track: Role) -> str:
    """Return a track by its hosts: mentors, alumni."""
    return gettext({Role.MENTOR: N_("Mentors"), Role.ALUMNUS: N_("Alumni")}[track])


def age(known: Known) -> str:
    """Return how old the figures are."""
    if known.at is None:
        return ""
    minutes = int((now() - known.at).total_seconds()) // _MINUTES
    if minutes < 1:
        return gettext("worked out just now")
    if minutes < _MINUTES:
        return ngettext("worked out %(num)s minute ago", "worked out %(num)s minutes ago", minutes)
    if minutes < _MINUTES * _HOURS:
        return ngettext("worked out %(num)s hour ago", "worked out %(num)s hours ago", minutes // _MINUTES)
    return gettext("worked out on %(moment)s", moment=speech().moment(known.at))


def coverage(figures: Mapping[str, Any], track: Role) -> tuple[str, str]:
    """Return how many can be matched at the most, as the macro `checks` shows it."""
    interns, covered = figures["interns"], figures["coverage"]
    if not interns:
        return "done", gettext(
            {Role.MENTOR: N_("Nobody seeks a mentor."), Role.ALUMNUS: N_("Nobody seeks an alumnus.")}[track]
        )
    texts = {
        Role.MENTOR: N_("At most %(covered)s of %(interns)s interns can get a mentor under the rules."),
        Role.ALUMNUS: N_("At most %(covered)s of %(interns)s interns can get an alumnus under the rules."),
    }
    everybody = {
        Role.MENTOR: N_("All %(interns)s interns can get a mentor under the rules."),
        Role.ALUMNUS: N_("All %(interns)s interns can get an alumnus under the rules."),
    }
    said = gettext(
        (everybody if covered == interns else texts)[track],
        covered=words.number(covered),
        interns=words.number(interns),
    )
    return ("done" if covered == interns else "warn"), said


def possible(known: Known, track: Role) -> dict[str, Any] | None:
    """Return the figures of a track in words, or None while nothing is known of it."""
    figures = known.tracks.get(track)
    if figures is None:
        return None
    kinds = {rule["rule"]: rule["kind"] for rule in figures["rules"]}
    return {
        "coverage": coverage(figures, track),
        "nobody": figures["nobody"],
        "more": figures["nobody"] - len(figures["stranded"]),
        "idle": _idle(figures["idle"], track),
        "binding": _binding(figures["rules"]),
        "rules": [_rule(rule) for rule in figures["rules"]],
        "stranded": [_stranded(one, known, kinds, track) for one in figures["stranded"]],
        "bottlenecks": [_bottleneck(one, known, kinds, track, figures["hosts"]) for one in figures["bottlenecks"]],
    }


def rule_name(kind: str) -> str:
    """Return what a rule is called."""
    if kind in RULE_NAMES:
        return rule_words(kind)[0]
    return gettext("Decisions on pairs: vetoed, skipped, pinned, declined before")


def _why(kind: str) -> str:
    return gettext(words.RULES.get(kind, _DECIDED))


def _joined(texts: Iterable[str]) -> str:
    return ("、" if speech().language == "ja" else ", ").join(texts)


def _idle(idle: Mapping[str, int], track: Role) -> str:
    if not idle["hosts"]:
        return ""
    places = ngettext("%(num)s place", "%(num)s places", idle["places"])
    return gettext(
        "%(hosts)s with %(places)s cannot be given to anybody under the rules.",
        hosts=hosts(track, idle["hosts"]),
        places=places,
    )


def _binding(rules: Sequence[Mapping[str, Any]]) -> str:
    """Return which rule binds most, if any costs somebody a partner."""
    if not rules or not rules[0]["gain"]:
        return ""
    name = rule_name(rules[0]["kind"])
    return ngettext(
        "The rule that binds most is “%(rule)s”: without it %(num)s more intern could be matched.",
        "The rule that binds most is “%(rule)s”: without it %(num)s more interns could be matched.",
        rules[0]["gain"],
        rule=name,
    )


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    relaxed = rule["relaxed"]
    pairs, alone = words.number(rule["removes"]), words.number(rule["alone"])
    removes = ngettext(
        "Rules out %(pairs)s pair, %(alone)s of them alone.",
        "Rules out %(pairs)s pairs, %(alone)s of them alone.",
        rule["removes"],
        pairs=pairs,
        alone=alone,
    )
    nobody = ngettext(
        "By itself it leaves %(num)s intern nobody.", "By itself it leaves %(num)s interns nobody.", rule["nobody"]
    )
    return {
        "name": rule_name(rule["kind"]),
        "removes": removes,
        "nobody": nobody if rule["nobody"] else "",
        "gain": f"+{words.number(rule['gain'])}",
        "binds": bool(rule["gain"]),
        "relaxed": "" if relaxed is None else _relaxed(rule["kind"], relaxed),
    }


def _relaxed(kind: str, relaxed: Mapping[str, int]) -> str:
    gain = f"+{words.number(relaxed['gain'])}"
    return gettext("At %(setting)s instead: %(gain)s.", setting=_milder(kind, relaxed["to"]), gain=gain)


def _milder(kind: str, to: int) -> str:
    if kind == "shared_hours":
        return ngettext("%(num)s minute", "%(num)s minutes", to)
    return LANGUAGE_LEVELS[to].to(speech().language)


def _person(known: Known, id_: int) -> tuple[int, str] | None:
    name = known.names.get(id_)
    return None if name is None else (id_, name.full(speech().language))


def _stranded(one: Mapping[str, Any], known: Known, kinds: Mapping[str, str], track: Role) -> dict[str, Any]:
    name = known.names.get(one["intern"])
    ranked = sorted(one["removed"].items(), key=lambda item: (-item[1], item[0]))
    removed = [gettext("%(rule)s (%(number)s people)", rule=_why(kinds[key]), number=number) for key, number in ranked]
    return {
        "id": one["intern"],
        "name": "" if name is None else name.full(speech().language),
        "nobody": gettext(NOBODY[track]),
        "removed": _joined(removed) or gettext("there is nobody in this role"),
        "helps": [_help(offer, kinds, track) for offer in one["helps"]],
        "two": bool(removed) and not one["helps"],
    }


def _help(offer: Mapping[str, Any], kinds: Mapping[str, str], track: Role) -> str:
    kind = kinds[offer["rule"]]
    people = hosts(track, offer["hosts"])
    if offer["to"] is None:
        return gettext("Without “%(rule)s”: %(people)s possible", rule=rule_name(kind), people=people)
    setting = _milder(kind, offer["to"])
    return gettext(
        "“%(rule)s” at %(setting)s: %(people)s possible", rule=rule_name(kind), setting=setting, people=people
    )


def _bottleneck(
    one: Mapping[str, Any], known: Known, kinds: Mapping[str, str], track: Role, everybody: int
) -> dict[str, Any]:
    interns = ngettext("%(num)s intern", "%(num)s interns", one["count"])
    places = ngettext("%(num)s place", "%(num)s places", one["places"])
    left = words.number(one["count"] - one["places"])
    if one["host_count"] == everybody:
        text = gettext(
            "%(interns)s share %(places)s: %(left)s must be left over.", interns=interns, places=places, left=left
        )
    else:
        text = gettext(
            "%(interns)s can only be matched with %(hosts)s (%(places)s in all): %(left)s must be left over.",
            interns=interns,
            hosts=hosts(track, one["host_count"]),
            places=places,
            left=left,
        )
    ranked = sorted(one["blocked"].items(), key=lambda item: (-item[1], item[0]))
    return {
        "text": text,
        "why": _joined(_why(kinds[key]) for key, _ in ranked[:_WORST]),
        "interns": [person for id_ in one["interns"] if (person := _person(known, id_))],
        "hosts": [person for id_ in one["hosts"] if (person := _person(known, id_))],
        "more": one["count"] - len(one["interns"]),
    }


def topics(market: Market) -> list[dict[str, Any]]:
    """Return supply and demand by field, language and place, the scarcest first."""
    return [
        _topic("fields", BY_KEY["industries"].label.to(speech().language), market.fields, lambda line: line.label),
        _topic("languages", BY_KEY["languages"].label.to(speech().language), market.languages, _language),
        _topic("areas", BY_KEY["place"].label.to(speech().language), market.areas, lambda line: line.label),
    ]


def _language(line: Line) -> str:
    name: str = Locale(speech().language).languages.get(line.label, line.label)
    return name


def _topic(key: str, title: str, topic: Topic, label: Any) -> dict[str, Any]:
    languages = key == "languages"
    # Whoever speaks several languages can talk in any of them: only those with one are short of places.
    ranked = sorted(topic.lines, key=lambda line: (-max(0, line.only - line.places), -line.interns, line.label))
    rows = [
        {
            "label": label(line),
            "interns": line.interns,
            "only": line.only,
            "hosts": line.hosts,
            "places": line.places,
            "short": max(0, (line.only if languages else line.interns) - line.places),
        }
        for line in (ranked if languages else topic.lines)
    ]
    return {
        "key": key,
        "title": title,
        "rows": rows[:_FIRST],
        "rest": rows[_FIRST:],
        "languages": languages,
        "interns_silent": topic.interns_silent,
        "places_silent": topic.places_silent,
    }


def silent(interns: int, places: int) -> str:
    """Return how many interns and places there are without an answer."""
    first = ngettext("%(num)s intern", "%(num)s interns", interns)
    second = ngettext("%(num)s place", "%(num)s places", places)
    return _joined([first, second])


def limit(most: int, total: Totals) -> str:
    """Return what the round's limit of interns for each host costs."""
    interns = ngettext("%(num)s intern", "%(num)s interns", most)
    places = ngettext("%(num)s place", "%(num)s places", total.unlimited - total.places)
    return gettext(
        "At most %(interns)s for each host in this round. Without that limit: %(places)s more.",
        interns=interns,
        places=places,
    )


def week(market: Market) -> dict[str, Any]:
    """Return the week as a table: for each part of a day interns and places, shaded by how short places are."""
    days = get_day_names("abbreviated", locale=speech().language)
    parts = [f"{start // _MINUTES}–{stop // _MINUTES}" for start, stop in pairwise(PARTS)]
    slots = [
        (days[day], part, slot) for day, row in enumerate(market.week) for part, slot in zip(parts, row, strict=True)
    ]
    most = max((slot.short for _, _, slot in slots), default=0)
    worst = sorted((one for one in slots if one[2].short > 0), key=lambda one: -one[2].short)[:_WORST]
    return {
        "parts": parts,
        "rows": [(days[day], [(slot, _shade(slot, most)) for slot in row]) for day, row in enumerate(market.week)],
        "worst": _joined(
            gettext(
                "%(day)s %(part)s (%(interns)s interns, %(places)s places)",
                day=day,
                part=part,
                interns=slot.interns,
                places=slot.places,
            )
            for day, part, slot in worst
        ),
        "silent": market.week_silent,
        "empty": not any(slot.interns or slot.places for _, _, slot in slots),
    }


def _shade(slot: Slot, most: int) -> str:
    """Return the class of a cell: three shades for too few places, one for enough."""
    if slot.short <= 0:
        return "ok" if slot.places else ""
    return f"s{1 + (2 * slot.short) // max(most, 1)}"
