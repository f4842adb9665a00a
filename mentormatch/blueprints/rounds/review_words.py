"""What a run knows about pairs and about those it left alone, in words for admins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from babel import Locale

from mentormatch.blueprints.request import gettext, ngettext, speech
from mentormatch.blueprints.rounds import wish_words, words
from mentormatch.blueprints.showing import in_words, window
from mentormatch.core.field_kinds import LANGUAGE_LEVELS
from mentormatch.core.fields import BY_KEY
from mentormatch.core.i18n import N_
from mentormatch.core.roles import Role
from mentormatch.queries.review import LITTLE_TIME, Doubt
from mentormatch.queries.review_lists import PersonLine

_HOUR = 60
_WINDOWS = 3

DOUBTS: Mapping[Doubt, str] = {
    Doubt.RELAXED: N_("rule relaxed"),
    Doubt.LITTLE_TIME: N_("little time"),
    Doubt.TIME_UNKNOWN: N_("no times"),
    Doubt.LANGUAGE_UNKNOWN: N_("no languages"),
}

MISSING: Mapping[tuple[str, ...], str] = {
    ("intern",): N_("%(intern)s has not answered this: it counts as an average pair."),
    ("host",): N_("%(host)s has not answered this: it counts as an average pair."),
    ("intern", "host"): N_("Neither has answered this: it counts as an average pair."),
}

NOTHING: Mapping[str, str] = {
    "hours": N_("No free time in common"),
    "languages": N_("No language in common"),
    "complement": N_("No wish meets an offer"),
}


@dataclass(frozen=True, slots=True)
class PartLine:
    """One criterion of a pair: its points, what the two share in words, and what each of them wrote."""

    label: str
    shown: int
    shown_max: int
    text: str
    intern_words: list[tuple[str, str]]
    host_words: list[tuple[str, str]]


def counted(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return kinds of decisions with how many there are of each, in words."""
    return [
        ("pin", ngettext("%(num)s pin", "%(num)s pins", counts.get("pin", 0))),
        ("veto", ngettext("%(num)s veto", "%(num)s vetoes", counts.get("veto", 0))),
        ("skip", ngettext("%(num)s skip", "%(num)s skips", counts.get("skip", 0))),
        ("back", ngettext("%(num)s taken back", "%(num)s taken back", counts.get("back", 0))),
    ]


def listed(texts: Iterable[str]) -> str:
    """Return texts as one enumeration, each once."""
    return ("、" if speech().language == "ja" else ", ").join(dict.fromkeys(texts))


def work(person: PersonLine) -> str:
    """Return the line under a name: faculty and year, or organisation and position."""
    return ("・" if speech().language == "ja" else ", ").join(person.work)


def names(intern: PersonLine, host: PersonLine) -> dict[str, str]:
    """Return both names as fields of a sentence."""
    language = speech().language
    return {"intern": intern.name.full(language), "host": host.name.full(language)}


def parts(
    found: Iterable[Mapping[str, Any]], criteria: Iterable[Mapping[str, Any]], intern: PersonLine, host: PersonLine
) -> list[PartLine]:
    """Return where the points of a pair come from.

    Parameters
    ----------
    found, criteria:
        ``explanation["parts"]`` and ``summary["criteria"]``: see `services.run_record`.
    """
    labels = {item["key"]: item["label"] for item in criteria}
    called = names(intern, host)
    return [
        PartLine(
            label=labels.get(part["criterion"], {}).get(speech().language, part["criterion"]),
            shown=part["shown"],
            shown_max=part["shown_max"],
            text=_text(part, {key: label[speech().language] for key, label in labels.items()}, called),
            intern_words=_words(part["shared"].get("intern_words", ())),
            host_words=_words(part["shared"].get("host_words", ())),
        )
        for part in found
    ]


def _text(part: Mapping[str, Any], labels: Mapping[str, str], called: Mapping[str, str]) -> str:
    if part["missing"]:
        return gettext(MISSING[tuple(part["missing"])], **called)
    if part["kind"] in {"wishes", "priority"}:
        return wish_words.part(part["kind"], part["shared"], labels, called)
    return _common(part)


def _common(part: Mapping[str, Any]) -> str:
    """Return what two people share under one criterion."""
    kind, shared = part["kind"], part["shared"]
    if kind == "hours" and shared.get("minutes"):
        return _hours(shared)
    if kind == "languages" and shared.get("languages"):
        return _languages(shared["languages"])
    if tags := shared.get("tags"):
        return listed(mine if mine == theirs else f"{mine} ↔ {theirs}" for mine, theirs in tags)
    if terms := shared.get("terms"):
        return gettext("Both write about: %(terms)s", terms=listed(terms))
    if numbers := shared.get("numbers"):
        return " ↔ ".join(str(value) for value in numbers)
    return gettext(NOTHING[kind]) if kind in NOTHING else gettext("Nothing in common")


def _hours(shared: Mapping[str, Any]) -> str:
    windows = [window(day, start, end, speech().language) for day, start, end in shared.get("windows", ())]
    total = weekly(shared["minutes"])
    return gettext("%(windows)s: %(total)s", windows=listed(windows[:_WINDOWS]), total=total) if windows else total


def weekly(minutes: int) -> str:
    """Return common time in a week in words."""
    if minutes < _HOUR:
        return gettext("%(minutes)s minutes a week", minutes=minutes)
    return gettext("%(hours)s h a week", hours=f"{minutes / _HOUR:g}")


def _languages(common: Iterable[Sequence[Any]]) -> str:
    language = speech().language
    called = Locale(language).languages
    levels = {level: word.to(language) for level, word in LANGUAGE_LEVELS.items()}
    found = []
    for code, mine, theirs in common:
        level = levels[mine] if mine == theirs else f"{levels[mine]} / {levels[theirs]}"
        found.append(gettext("%(language)s (%(level)s)", language=called.get(code, code), level=level))
    return listed(found)


def _words(found: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return what somebody wrote as (field, words)."""
    language = speech().language
    told: dict[str, list[str]] = {}
    for item in found:
        field, value = BY_KEY[item["field"]], item["value"]
        lines = [value] if isinstance(value, str) else in_words(field, value, language)
        told.setdefault(field.label.to(language), []).extend(lines)
    return [(label, listed(lines)) for label, lines in told.items()]


RULE_MET: Mapping[str, str] = {
    "not_supervisor": N_("Not the intern's supervisor"),
    "not_same_company": N_("Not the intern's internship company"),
    "never_pairs": N_("Not on the list of people to keep apart"),
    "asked_not_to": N_("Neither has asked not to be paired"),
}

RULE_BROKEN: Mapping[str, str] = {
    "shared_language": N_("Breaks a rule: no language in common at the level asked for"),
    "shared_hours": N_("Breaks a rule: too little free time in common"),
    "not_supervisor": N_("Breaks a rule: the intern's own supervisor"),
    "not_same_company": N_("Breaks a rule: the intern's internship company"),
    "not_same_person": N_("Breaks a rule: the same person"),
    "never_pairs": N_("Breaks a rule: on the list of people to keep apart"),
    "asked_not_to": N_("Breaks a rule: somebody asked not to"),
}

RULE_RELAXED: Mapping[str, str] = {
    "shared_language": N_("Relaxed: no language in common at the level asked for"),
    "shared_hours": N_("Relaxed: too little free time in common"),
    "not_supervisor": N_("Relaxed: the intern's own supervisor"),
    "not_same_company": N_("Relaxed: the intern's internship company"),
}

RULE_UNKNOWN: Mapping[str, str] = {
    "shared_language": N_("Languages could not be checked: an answer is missing"),
    "shared_hours": N_("Free time could not be checked: an answer is missing"),
    "not_supervisor": N_("No supervisor is given, so nothing to check"),
    "not_same_company": N_("No internship company is given, so nothing to check"),
}


def rules(found: Iterable[Mapping[str, Any]], host: PersonLine, used: int, *, more: int) -> list[tuple[str, str]]:
    """Return the rules that were checked, as the macro `checks` shows them; and whether the host has room.

    Parameters
    ----------
    used:
        Places of the host that are taken.
    more:
        How many places this pair would take besides: none where it is among those counted.
    """
    lines = [line for check in found if (line := _rule(check))]
    room = gettext("Places taken: %(used)s of %(places)s", used=used, places=host.capacity)
    return [*lines, ("warn" if used + more > host.capacity else "done", room)]


def _rule(check: Mapping[str, Any]) -> tuple[str, str] | None:
    kind, verdict = check["kind"], check["verdict"]
    if verdict == "broken":
        return "warn", gettext(RULE_BROKEN[kind])
    if verdict == "relaxed":
        points = -check["shown"]
        return "warn", gettext("%(rule)s (−%(points)s points)", rule=gettext(RULE_RELAXED[kind]), points=points)
    if verdict == "unknown":
        serious = kind in {"shared_language", "shared_hours"}
        return ("warn" if serious else "todo", gettext(RULE_UNKNOWN[kind])) if kind in RULE_UNKNOWN else None
    return _kept(kind, check["detail"])


def _kept(kind: str, detail: Mapping[str, Any]) -> tuple[str, str] | None:
    if kind == "shared_language":
        return "done", gettext("Share a working language: %(languages)s", languages=_codes(detail["languages"]))
    if kind == "shared_hours":
        time = weekly(detail["minutes"])
        if detail["minutes"] < LITTLE_TIME:
            return "warn", gettext("Little time in common: %(time)s", time=time)
        return "done", gettext("Free at the same time: %(time)s", time=time)
    return ("done", gettext(RULE_MET[kind])) if kind in RULE_MET else None


def relaxed(found: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the rules that a pair breaks at a price, with the points that each costs."""
    broken = [(check["kind"], -check["shown"]) for check in found if check["verdict"] == "relaxed"]
    return [(gettext(RULE_RELAXED[kind]), f"−{points}") for kind, points in broken]


def _codes(common: Iterable[Sequence[Any]]) -> str:
    called = Locale(speech().language).languages
    return listed(called.get(code, code) for code, _, _ in common)


def alternative(found: Mapping[str, Any], present: int, *, fixed: bool) -> str:
    """Return what another host would mean: fit beside the present one, room, and the price to all others.

    Parameters
    ----------
    found:
        One of ``explanation["alternatives"]``.
    present:
        The fit that the pair shows.
    fixed:
        Whether the pair was pinned, so that no price is known.
    """
    told = [_beside(found["shown"] - present), _room(found["places_left"])]
    if found.get("costs_a_place"):
        told.append(gettext("somebody else would be left without"))
    elif found["costs_at_least"] is not None and not fixed:
        told.append(_price(found["costs_at_least"]))
    return " · ".join(told)


def _beside(more: int) -> str:
    """Return how much better or worse another host fits this intern, in points as they are shown."""
    if not more:
        return gettext("fits as well")
    if more > 0:
        return gettext("fits %(points)s better", points=more)
    return gettext("fits %(points)s less", points=-more)


def _room(places: int) -> str:
    return ngettext("%(num)s place free", "%(num)s places free", places) if places > 0 else gettext("no place free")


def _price(points: int) -> str:
    if points == 0:
        return gettext("may cost the others nothing")
    return gettext("costs at least %(points)s points over all pairs", points=words.points(points))


def removed(reason: Mapping[str, Any], rule_kinds: Mapping[str, str]) -> str:
    """Return which rules take how many hosts out, the strictest first.

    Parameters
    ----------
    rule_kinds:
        Key of each rule of the run -> its kind.
    """
    return listed(
        gettext(
            "%(rule)s (%(number)s people)",
            rule=gettext(words.RULES[rule_kinds.get(item["rule"], item["rule"])]),
            number=item["hosts"],
        )
        for item in reason["removed"]
    )


WHY_NOBODY: Mapping[str, Mapping[Role, str]] = {
    "no_hosts": {Role.MENTOR: N_("No mentor takes part yet."), Role.ALUMNUS: N_("No alumnus takes part yet.")},
    "no_allowed_host": {
        Role.MENTOR: N_("The rules leave none of the %(hosts)s mentors: %(removed)s."),
        Role.ALUMNUS: N_("The rules leave none of the %(hosts)s alumni: %(removed)s."),
    },
    "needed_elsewhere": {
        Role.MENTOR: N_("The rules allow %(allowed)s of %(hosts)s mentors; their places went to others."),
        Role.ALUMNUS: N_("The rules allow %(allowed)s of %(hosts)s alumni; their places went to others."),
    },
}


def why_nobody(reason: Mapping[str, Any], track: Role, rule_kinds: Mapping[str, str]) -> str:
    """Return why an intern has nobody in a track; see `services.run_record` for the shape of `reason`."""
    numbers = {"hosts": reason["hosts"], "allowed": reason["allowed"]}
    if reason["why"] == "all_full":
        return _all_full(track, numbers)
    text = WHY_NOBODY[reason["why"]][track]
    return gettext(text, **numbers, removed=removed(reason, rule_kinds))


def _all_full(track: Role, numbers: Mapping[str, int]) -> str:
    number, hosts = numbers["allowed"], numbers["hosts"]
    if track is Role.MENTOR:
        return ngettext(
            "The rules allow %(num)s of %(hosts)s mentors, and that one is full.",
            "The rules allow %(num)s of %(hosts)s mentors, and all of them are full.",
            number,
            hosts=hosts,
        )
    return ngettext(
        "The rules allow %(num)s of %(hosts)s alumni, and that one is full.",
        "The rules allow %(num)s of %(hosts)s alumni, and all of them are full.",
        number,
        hosts=hosts,
    )


RULES_TO_RELAX: Mapping[str, str] = {
    "shared_language": N_("the rule on languages"),
    "shared_hours": N_("the rule on free time"),
    "not_same_company": N_("the rule on the internship company"),
    "never_pairs": N_("the list of people to keep apart"),
    "banned": N_("the vetoes and skips"),
}


def what_helps(reason: Mapping[str, Any], people: Mapping[int, PersonLine], rule_kinds: Mapping[str, str]) -> str:
    """Return the smallest change that would give an intern somebody, or nothing; both sides of it follow from the run.

    Parameters
    ----------
    people:
        The hosts whom ``reason["one_more_place"]`` names, by enrolment id.
    """
    offers = [offer for offer in reason["one_more_place"] if offer["host"] in people]
    if offers:
        language = speech().language
        best = [
            gettext("%(host)s (fit %(fit)s)", host=people[offer["host"]].name.full(language), fit=offer["shown"])
            for offer in offers
        ]
        return gettext("One more place would be enough with: %(hosts)s.", hosts=listed(best))
    single = [
        (item["alone"], RULES_TO_RELAX[kind])
        for item in reason["removed"]
        if item["alone"] and (kind := rule_kinds.get(item["rule"], item["rule"])) in RULES_TO_RELAX
    ]
    if reason["allowed"] or not single:
        return ""
    number, rule = max(single)
    return ngettext(
        "Without %(rule)s, %(num)s of them would be possible.",
        "Without %(rule)s, %(num)s of them would be possible.",
        number,
        rule=gettext(rule),
    )
