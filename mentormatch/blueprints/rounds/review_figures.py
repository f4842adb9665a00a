"""The figures above the lists: the run in one line, runs side by side, the histogram, places."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal

from mentormatch.blueprints.request import gettext, ngettext, speech, store
from mentormatch.blueprints.rounds import review_words, wish_words, words
from mentormatch.blueprints.rounds.review_address import LOWS, Address
from mentormatch.blueprints.rounds.review_state import Review
from mentormatch.core.clock import now
from mentormatch.core.i18n import N_
from mentormatch.core.roles import ROLE_LABELS, Role
from mentormatch.queries import review as reading
from mentormatch.queries.review import Scenario
from mentormatch.queries.rounds import RoundView
from mentormatch.queries.run_settings import OBJECTIVES
from mentormatch.queries.runs import RunView

SHOWN_RUNS = 4
_BIN = 5
_TENTH = 10

TRACKS: Mapping[Role, str] = {Role.MENTOR: N_("Mentors"), Role.ALUMNUS: N_("Alumni")}
USED: Mapping[Role, str] = {Role.MENTOR: N_("Mentor places used"), Role.ALUMNUS: N_("Alumni places used")}


def track_name(track: Role) -> str:
    """Return the hosts of a track in one word."""
    return gettext(TRACKS[track])


def host_word(track: Role) -> str:
    """Return what one host of a track is called."""
    return ROLE_LABELS[track].to(speech().language)


def facts(found: Review) -> str:
    """Return the run in one line: people, places, how good the result is known to be, when it was found."""
    summary = found.run.summary
    counts = {"intern": summary["interns"], **{track: item["hosts"] for track, item in summary["tracks"].items()}}
    places = sum(item["places"]["total"] for item in summary["tracks"].values())
    told = ngettext("%(num)s place in all", "%(num)s places in all", places)
    people = words.people(counts).split("・" if speech().language == "ja" else ", ")
    return " · ".join(filter(None, [*people, told, proof(found.run), wish_words.met(found.figures)]))


def proof(run: RunView) -> str:
    """Return how good a result is known to be, honestly, with how long it took and when it was found."""
    summary = run.summary
    when = moment(run)
    seconds = format_decimal(summary["seconds"], format="0.0", locale=speech().language)
    if summary["status"] == "optimal":
        return gettext("proved best in %(seconds)s s, %(when)s", seconds=seconds, when=when)
    gap = max(0, (summary["upper_bound"] or summary["objective"]) - summary["objective"])
    mean = words.points(-(-gap // max(1, summary["pairs"])))
    more = max(0, (summary["coverage_bound"] or summary["coverage"]) - summary["coverage"])
    begun = N_("stopped after %(seconds)s s, %(when)s") if summary["status"] == "stopped" else None
    told = [gettext(begun or N_("not proved after %(seconds)s s, %(when)s"), seconds=seconds, when=when)]
    if more:
        told.append(ngettext("at most %(num)s more pair is possible", "at most %(num)s more pairs are possible", more))
    told.append(gettext("the mean fit can be at most %(gap)s higher", gap=mean))
    return gettext("%(when)s: %(rest)s", when=told[0], rest=words_joined(told[1:]))


def words_joined(texts: Sequence[str]) -> str:
    """Return clauses as one: with commas and a last "and"."""
    if speech().language == "ja":
        return "、".join(texts)
    return ", ".join(texts[:-1]) + (" and " if len(texts) > 1 else "") + texts[-1] if texts else ""


def moment(run: RunView) -> str:
    """Return when a run ended: the time alone if that was today."""
    said, ended = speech(), run.finished_at or run.created_at
    zone = ZoneInfo(said.timezone)
    if ended.astimezone(zone).date() == now().astimezone(zone).date():
        return gettext("today %(time)s", time=said.time(ended))
    return said.moment(ended)


def entry(found: RoundView, here: Address, run: RunView) -> dict[str, Any]:
    """Return a run for the history: when, by whom, what came of it; with its address if it can be looked at."""
    held, failure = "pairs" in run.summary, run.progress.get("error")
    states = {
        "failed": N_("failed"),
        "stopped": N_("called off"),
        "queued": N_("under way"),
        "running": N_("under way"),
    }
    return {
        "number": run.number,
        "when": speech().moment(run.finished_at or run.created_at),
        "who": "" if run.started_by is None else run.started_by.full(speech().language),
        "result": proof(run) if held else gettext(states.get(run.state, N_("called off"))),
        "failed": run.state == "failed",
        "error": words.problem(failure["message"], failure["fields"]) if failure else run.error,
        "figures": [
            (track_name(Role(track)), words.points(item["mean"]), item["unmatched"])
            for track, item in (run.summary["tracks"] if held else {}).items()
        ],
        "applied": applied(run) if held else "",
        "url": here.to(run=0 if run.id == found.run_id else run.number) if held else "",
        "current": run.id == found.run_id,
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a run and how it differs from the run under review; `good` is None for neither."""

    label: str
    value: str
    difference: str = ""
    good: bool | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the comparison."""

    id: int
    name: str
    small: str
    looked_at: bool
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs side by side; `other` is the one whose outline the histogram shows, with what it would change."""

    rows: list[RunRow]
    other: Scenario | None
    sentence: str
    moved_url: str


def comparison(found: Review) -> Comparison:
    """Return the last few runs beside the one that is looked at."""
    near = [run for run in found.runs if run.id != found.run.id][: SHOWN_RUNS - 1]
    asked = next((run for run in found.runs if run.number == found.here.compare and run.id != found.run.id), None)
    if asked is not None and asked not in near:
        near = [*near[:-1], asked]
    chosen = sorted([found.run, *near], key=lambda run: -run.number)
    listed = reading.scenarios(store(), found.programme.id, found.track, chosen, found.run)
    base = next(one for one in listed if one.run.id == found.run.id)
    other = next((one for one in listed if one.run.id == (asked or (near or [found.run])[0]).id), None)
    if other is base:
        other = None
    return Comparison(
        rows=[_row(found, one, base, other) for one in listed],
        other=other,
        sentence="" if other is None else trade_off(other, base),
        moved_url="" if other is None else found.here.part("difference", other=other.run.number),
    )


def _row(found: Review, one: Scenario, base: Scenario, other: Scenario | None) -> RunRow:
    url = "" if one in (base, other) else found.here.to(compare=one.run.number, page=found.here.page)
    return RunRow(
        id=one.run.id,
        name=gettext("Run %(number)s", number=one.run.number),
        small=" · ".join(filter(None, [_role(found, one.run), settings(one.run), moment(one.run), applied(one.run)])),
        looked_at=one is base,
        cells=[
            _cell(gettext("Mean fit"), one.mean, base.mean, tenth=True, more_is_better=True),
            _cell(gettext("Lowest"), one.lowest, base.lowest, more_is_better=True),
            *_top_wishes(one, base),
            _cell(gettext("Unmatched"), one.unmatched * 100, base.unmatched * 100, more_is_better=False),
            _cell(gettext("Load gap"), one.load_gap * 100, base.load_gap * 100, more_is_better=False),
            Cell(gettext("Pairs that differ"), "–" if one is base else words.number(len(one.moved)), url=url),
        ],
    )


def _top_wishes(one: Scenario, base: Scenario) -> list[Cell]:
    """Return how many interns get one of their first three choices, in runs of which the present one knows wishes."""
    if not base.asked:
        return []
    label = gettext("Top-3 wish")
    if one.top3 is None:
        return [Cell(label, "–")]
    cell = _cell(label, one.top3 * 100, None if base.top3 is None else base.top3 * 100, more_is_better=True)
    return [replace(cell, value=gettext("%(used)s / %(total)s", used=cell.value, total=one.asked))]


def _role(found: Review, run: RunView) -> str:
    if run.id != found.round.run_id:
        return ""
    return gettext("Published") if found.round.state in {"published", "closed"} else gettext("Under review")


def settings(run: RunView) -> str:
    """Return what an admin has called a run, and what it makes best if not the total."""
    objective = run.settings.objective
    told = [run.settings.name, "" if objective == "total" else gettext(OBJECTIVES[objective])]
    return words_joined([text for text in told if text])


def applied(run: RunView) -> str:
    """Return which decisions a run knew, counted."""
    counts = Counter(kind for _, _, _, kind in run.summary["decisions"])
    return words_joined([text for kind, text in review_words.counted(counts) if counts[kind]])


def _cell(label: str, value: int | None, base: int | None, *, more_is_better: bool, tenth: bool = False) -> Cell:
    """Return a figure given in hundredths beside that of the run under review."""
    form = "0.0" if tenth else "0"
    told = "–" if value is None else format_decimal(_rounded(value, tenth=tenth), format=form, locale=speech().language)
    if value is None or base is None:
        return Cell(label, told)
    difference = _rounded(value, tenth=tenth) - _rounded(base, tenth=tenth)
    if not round(difference, 1):
        return Cell(label, told)
    signed = format_decimal(difference, format=f"+{form};−{form}", locale=speech().language)
    return Cell(label, told, signed, (difference > 0) is more_is_better)


def _rounded(value: int, *, tenth: bool) -> float:
    """Return hundredths as people see them: whole, or with one decimal."""
    return round(value / _TENTH) / _TENTH if tenth else float(reading.shown(value))


def trade_off(other: Scenario, base: Scenario) -> str:
    """Return in one sentence what another run would change: what gets better, what worse, how many pairs move."""
    better: list[str] = []
    worse: list[str] = []
    if other.unmatched != base.unmatched:
        fewer = other.unmatched < base.unmatched
        gap = abs(other.unmatched - base.unmatched)
        told = (
            ngettext("matches %(num)s more intern", "matches %(num)s more interns", gap)
            if fewer
            else ngettext("leaves %(num)s more intern without", "leaves %(num)s more interns without", gap)
        )
        (better if fewer else worse).append(told)
    for texts, mine, theirs, tenth in (
        (_MEAN, other.mean, base.mean, True),
        (_LOWEST, other.lowest, base.lowest, False),
    ):
        if mine is not None and theirs is not None:
            gap_ = _rounded(mine, tenth=tenth) - _rounded(theirs, tenth=tenth)
            told = format_decimal(abs(gap_), format="0.0" if tenth else "0", locale=speech().language)
            if round(gap_, 1):
                (better if gap_ > 0 else worse).append(gettext(texts[gap_ < 0], points=told))
    if (gain := wish_words.gained(other, base)) is not None:
        (better if gain[1] else worse).append(gain[0])
    moved = ngettext(
        "%(num)s of %(all)s pairs differs.",
        "%(num)s of %(all)s pairs differ.",
        len(other.moved),
        all=sum(base.histogram),
    )
    said = gettext("but %(worse)s", worse=words_joined(worse)) if better and worse else words_joined(worse)
    space = "、" if speech().language == "ja" else " "
    clause = space.join(filter(None, [words_joined(better), said])) or gettext("reaches the same figures")
    return gettext("%(run)s %(changes)s. %(moved)s", run=_called(other), changes=clause, moved=moved)


_MEAN = (N_("raises the mean fit by %(points)s"), N_("lowers the mean fit by %(points)s"))
_LOWEST = (N_("raises the lowest fit by %(points)s"), N_("lowers the lowest fit by %(points)s"))


def _called(one: Scenario) -> str:
    return gettext("Run %(number)s", number=one.run.number)


@dataclass(frozen=True, slots=True)
class Histogram:
    """What the macro `hist` needs, its legend, and the same numbers as a table."""

    counts: Sequence[int]
    ghost: Sequence[int] | None
    start: int
    step: int
    label: str
    legend: list[tuple[str, str]]
    rows: list[tuple[str, ...]]
    head: list[str]
    lows: list[tuple[int, str, bool]]


def histogram(found: Review, other: Scenario | None) -> Histogram:
    """Return the distribution of fit, with the outline of another run."""
    whole: Sequence[int] = found.figures["histogram"]
    outline = None if other is None else other.histogram
    first, last = _span(whole, outline)
    counts, low = whole[first:last], found.low
    name = gettext("Run %(number)s", number=found.run.number)
    legend = [("", name), ("lo", gettext("Below %(low)s: review", low=low))]
    head = [gettext("Fit"), name]
    if other is not None:
        legend.append(("gh", _called(other)))
        head.append(_called(other))
    return Histogram(
        counts=counts,
        ghost=None if outline is None else outline[first:last],
        start=first * _BIN,
        step=_BIN,
        label=_told(found, counts, first * _BIN),
        legend=legend,
        rows=[_bin(place, whole, outline) for place in range(first, last)],
        head=head,
        lows=[(one, found.here.to(low=one, tab=found.here.tab), one == low) for one in sorted(LOWS)],
    )


def _span(*outlines: Sequence[int] | None) -> tuple[int, int]:
    """Return the bins to draw: from the first pair to the last, in whole tens."""
    held = [place for counts in outlines if counts for place, number in enumerate(counts) if number]
    if not held:
        return 0, 100 // _BIN
    return held[0] // 2 * 2 if len(held) == 1 else min(held) // 2 * 2, max(held) // 2 * 2 + 2


def _bin(place: int, whole: Sequence[int], outline: Sequence[int] | None) -> tuple[str, ...]:
    end = place * _BIN + _BIN - 1 + (place == len(whole) - 1)
    told = (f"{place * _BIN}–{end}", words.number(whole[place]))
    return told if outline is None else (*told, words.number(outline[place]))


def _told(found: Review, counts: Sequence[int], start: int) -> str:
    fullest = max(range(len(counts)), key=counts.__getitem__)
    return gettext(
        "Histogram of fit, %(start)s to %(end)s in steps of %(step)s. Pairs below %(low)s: %(below)s. "
        "The most common range is %(from_)s to %(to)s, with %(number)s pairs.",
        start=start,
        end=start + len(counts) * _BIN,
        step=_BIN,
        low=found.low,
        below=found.pairs_below(found.low),
        from_=start + fullest * _BIN,
        to=start + fullest * _BIN + _BIN,
        number=counts[fullest],
    )


def places(found: Review) -> dict[str, Any]:
    """Return the use of places as the macros `load_bar` and `legend` show it."""
    held = found.figures["places"]
    told = [
        ("f", ngettext("%(num)s full", "%(num)s full", held["full"])),
        ("p", ngettext("%(num)s with room", "%(num)s with room", held["room"])),
        ("e", ngettext("%(num)s with nobody yet", "%(num)s with nobody yet", held["empty"])),
    ]
    return {
        "title": gettext(USED[found.track]),
        "used": gettext("%(used)s / %(total)s", used=held["used"], total=held["total"]),
        "parts": [("f", held["full"]), ("p", held["room"]), ("e", held["empty"])],
        "legend": told,
        "label": words_joined([text for _, text in told]),
        "spread": _spread(found),
    }


def _spread(found: Review) -> str:
    """Return how the interns are spread over the hosts: the most with one, and the mean."""
    held = found.figures["places"]
    hosts = held["full"] + held["room"] + held["empty"]
    if not hosts:
        return ""
    most = max(found.loads.values(), default=0)
    mean = format_decimal(held["used"] / hosts, format="0.0", locale=speech().language)
    return gettext("Interns with one host: %(most)s at most, %(mean)s on average", most=most, mean=mean)
