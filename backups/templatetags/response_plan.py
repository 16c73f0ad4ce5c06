"""The response plan in words, and each of its steps as it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from backups.models import Archive, IncidentEntry
from backups.services.incidents import DONE, OPEN, PLAN, SKIPPED
from backups.templatetags.marks import mark
from backups.templatetags.measures import moment

register = template.Library()

Words = str | Promise

PHASES: Mapping[str, Words] = {
    "detect": gettext_lazy("Detect"),
    "isolate": gettext_lazy("Isolate"),
    "investigate": gettext_lazy("Investigate"),
    "recover": gettext_lazy("Recover"),
    "report": gettext_lazy("Report"),
}

# What to do, why, and the page where it is done: a route or #part of this page, and its words.
STEPS: Mapping[str, tuple[Words, Words, str, Words]] = {
    "written_down": (
        gettext_lazy("Write down what was noticed, by whom and when"),
        gettext_lazy("Later nobody remembers it exactly."),
        "#timeline",
        gettext_lazy("To the timeline"),
    ),
    "deciders_told": (
        gettext_lazy("Tell those who decide"),
        gettext_lazy(
            "QParkIn's management, and whoever looks after the server. Nobody should do this alone."
        ),
        "",
        "",
    ),
    "last_good_found": (
        gettext_lazy("Find the last good backup from before"),
        gettext_lazy("The panel names one below. Look at it before you rely on it."),
        "archives",
        gettext_lazy("To the backups"),
    ),
    "machine_apart": (
        gettext_lazy("Take the affected machine off the network, and leave it switched on"),
        gettext_lazy("Delete and reinstall nothing yet: what is on it shows what happened."),
        "",
        "",
    ),
    "ways_in_closed": (
        gettext_lazy("Change passwords and end sessions of whoever may be affected"),
        gettext_lazy("Of the panel, of QParkIn's superadmins, of the database and of the server."),
        "people",
        gettext_lazy("To the people"),
    ),
    "keys_changed": (
        gettext_lazy("Change the keys, if somebody may have read them"),
        gettext_lazy("Backups that were made before keep opening with the old key; keep that one safe."),
        "keys",
        gettext_lazy("To the keys"),
    ),
    "backup_pinned": (
        gettext_lazy("Pin the last good backup"),
        gettext_lazy("Then retention leaves it alone, however long this takes."),
        "archives",
        gettext_lazy("To the backups"),
    ),
    "malls_told": (
        gettext_lazy("Tell the malls what to do meanwhile"),
        gettext_lazy("What they enter now may be lost when the data of an earlier day is restored."),
        "#malls",
        gettext_lazy("To the banner"),
    ),
    "who_was_in": (
        gettext_lazy("See who signed in, what was changed and what was given out"),
        gettext_lazy("The audit trail cannot be changed without that being seen; check that it holds."),
        "audit",
        gettext_lazy("To the audit trail"),
    ),
    "what_was_touched": (
        gettext_lazy("Find out which data is concerned, and of how many people"),
        gettext_lazy(
            "The panel knows which tables hold data of people; whether it was seen, people find out."
        ),
        "#touched",
        gettext_lazy("To the personal data"),
    ),
    "evidence_kept": (
        gettext_lazy("Keep evidence: logs, messages, pictures of screens"),
        gettext_lazy("Apart from the affected machine."),
        "",
        "",
    ),
    "backup_proven": (
        gettext_lazy("Try out a restore of the backup that you will use"),
        gettext_lazy("It is restored beside the live database and compared; QParkIn does not notice."),
        "archives",
        gettext_lazy("To the backups"),
    ),
    "restored": (
        gettext_lazy("Restore"),
        gettext_lazy("First into a new database if you are not sure. A restore in place can be undone."),
        "restore",
        gettext_lazy("To the restore"),
    ),
    "malls_checked": (
        gettext_lazy("Have the malls check their newest entries"),
        gettext_lazy("They know best what is missing; then take the banner down."),
        "#malls",
        gettext_lazy("To the banner"),
    ),
    "facts_gathered": (
        gettext_lazy("Fill in what only people know, and print the report"),
        gettext_lazy("What the law asks for is in it; blanks are marked."),
        "#facts",
        gettext_lazy("To the report"),
    ),
    "people_told": (
        gettext_lazy("Tell the people concerned in writing"),
        gettext_lazy("Within 3 × 24 hours (UU PDP No. 27/2022, article 46)."),
        "",
        "",
    ),
    "agency_told": (
        gettext_lazy("Tell the agency in writing"),
        gettext_lazy("The agency for personal data protection, within the same time."),
        "",
        "",
    ),
}

STATES = {
    DONE: ("safe", "circle-check", gettext_lazy("Done")),
    SKIPPED: ("none", "x", gettext_lazy("Not needed here")),
    OPEN: ("none", "circle-dashed", gettext_lazy("Open")),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One step of the plan as it stands."""

    step: str
    words: str
    why: str
    link: str
    link_words: str
    state: str
    entry: IncidentEntry | None

    @property
    def is_open(self) -> bool:
        return self.state == OPEN


@dataclass(frozen=True, slots=True)
class Phase:
    """`at_work` is shown with its steps; one that is settled or still to come is one line."""

    name: str
    lines: list[Line]
    settled: int
    at_work: bool

    @property
    def is_settled(self) -> bool:
        return self.settled == len(self.lines)


@register.filter
def phase_words(phase: str) -> str:
    return str(PHASES[phase])


@register.filter
def step_words(step: str) -> str:
    return str(STEPS[step][0])


@register.filter
def step_said(step: str, state: str) -> str:
    """For those who hear the page."""
    return f"{step_words(step)}: {STATES[state][2]}"


@register.simple_tag
def step_lines(
    steps: tuple[str, ...], marks: Mapping[str, IncidentEntry], before: Archive | None
) -> list[Line]:
    """`before` is the last good backup from before, if there is one: what a step is about it leads there."""
    return [_line(step, marks.get(step), before) for step in steps]


def _line(step: str, entry: IncidentEntry | None, before: Archive | None) -> Line:
    words, why, *goal = STEPS[step]
    link, link_words = _way(str(goal[0]), goal[1], before)
    return Line(step, str(words), str(why), link, link_words, entry.text if entry else OPEN, entry)


def _way(goal: str, words: Words, before: Archive | None) -> tuple[str, str]:
    if goal == "archives" and before:
        told = gettext("To the backup of %(when)s") % {"when": moment(before.created)}
        return reverse("archive", args=[before.pk]), told
    return (goal if not goal or goal.startswith("#") else reverse(goal)), str(words)


@register.simple_tag
def step_mark(state: str) -> SafeString:
    tone, picture, words = STATES[state]
    return mark(tone, picture, str(words))


@register.simple_tag
def phases(marks: Mapping[str, IncidentEntry], before: Archive | None, just: str = "") -> list[Phase]:
    """`just` is the step that was ticked last: its phase stays open under the hand that did so."""
    following = next_step(marks)
    return [
        _phase(name, step_lines(steps, marks, before), at_work={following, just} & set(steps) != set())
        for name, steps in PLAN.items()
    ]


def _phase(name: str, lines: list[Line], *, at_work: bool) -> Phase:
    return Phase(name, lines, sum(not line.is_open for line in lines), at_work)


@register.simple_tag
def next_step(marks: Mapping[str, IncidentEntry]) -> str:
    """The first of the plan that nobody has settled; '' when there is none."""
    steps = (step for steps in PLAN.values() for step in steps)
    return next((step for step in steps if step not in marks or marks[step].text == OPEN), "")
