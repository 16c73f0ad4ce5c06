"""The keys as the page shows them: which is for what, where its private half lies, and what it opens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone

from backups.engine.encrypt import recipient_fingerprint
from backups.engine.errors import BackupError
from backups.engine.trust import signer_fingerprint
from backups.models import Archive, KeyEvent
from backups.models.key_event import PROOF_COUNTS

from . import held_keys, keys

PANEL, RECOVERY, SIGNING = "panel", "recovery", "signing"


@dataclass(frozen=True, slots=True)
class Key:
    """`count`: archives that it opens or has sealed; `alone`: that nothing else opens. `where`: the host.

    `public` is '' where only the seals of older archives name it.
    """

    kind: str
    fingerprint: str
    public: str
    current: bool
    revoked: bool
    here: bool
    where: str
    count: int
    alone: int
    since: datetime | None
    newest: datetime | None
    proved: KeyEvent | None = None
    kit: KeyEvent | None = None

    @property
    def is_proof_old(self) -> bool:
        return self.proved is not None and timezone.now() - self.proved.at > PROOF_COUNTS


@dataclass(frozen=True, slots=True)
class Overview:
    """`verdict` is a slug; `problem` why the keys of this host cannot be read, or None.

    `unknown`: archives of which the index does not say whose keys they go by. `waiting`: the recovery
    identity still lies on this host. `kit_is_old`: a key was made since that it should hold or know.
    """

    verdict: str
    opening: tuple[Key, ...]
    signing: tuple[Key, ...]
    holder: str
    unknown: int
    waiting: bool
    kit_is_old: bool
    stale: bool
    problem: BackupError | None

    @property
    def recovery(self) -> Key | None:
        return next((key for key in self.opening if key.kind == RECOVERY and key.current), None)


@dataclass(frozen=True, slots=True)
class _Group:
    keys: frozenset[str]
    count: int
    first: datetime
    last: datetime


@dataclass(frozen=True, slots=True)
class _Known:
    """What is asked for once and looked at for each key. `gone`: those that were revoked."""

    groups: list[_Group]
    events: list[KeyEvent]
    here: frozenset[str]
    elsewhere: dict[str, str]
    gone: frozenset[str]


def overview() -> Overview:
    events = list(KeyEvent.objects.all())
    groups = _groups("recipients")
    opening = _opening(_Known(groups, events, held_keys.here(), held_keys.elsewhere(), _revoked_recipients()))
    gone = frozenset(signer_fingerprint(one.public) for one in settings.BACKUP_REVOKED_SIGNERS)
    problem, signing = _signing(_Known(_groups("signer"), events, frozenset(), {}, gone))
    found = Overview(
        verdict="",
        opening=opening,
        signing=signing,
        holder=next((key.where for key in opening if key.current and key.where), ""),
        unknown=sum(group.count for group in groups if not group.keys),
        waiting=held_keys.waiting_recovery() is not None,
        kit_is_old=_is_kit_old(events),
        stale=_is_stale(opening, signing, events),
        problem=problem or _problem_of_identity(),
    )
    return replace(found, verdict=_verdict(found))


def _verdict(found: Overview) -> str:
    recovery = found.recovery
    if found.problem:
        return "unreadable"
    if len([key for key in found.opening if key.current]) < 2:
        return "single"
    if found.stale:
        return "stale"
    if found.waiting:
        return "waiting"
    if recovery is None or recovery.proved is None:
        return "untried"
    return "long_ago" if recovery.is_proof_old else "safe"


def _groups(name: str) -> list[_Group]:
    """How many archives go by the same keys; one query, however many there are."""
    rows = (
        Archive.objects.exclude(state=Archive.State.MISSING)
        .order_by()
        .values_list(name)
        .annotate(n=Count("pk"), first=Min("created"), last=Max("created"))
    )
    return [_Group(frozenset(filter(None, told.split(","))), n, first, last) for told, n, first, last in rows]


def _opening(known: _Known) -> tuple[Key, ...]:
    current = {recipient_fingerprint(one): one for one in settings.BACKUP_RECIPIENTS}
    told = {event.fingerprint: event.kind for event in known.events if event.kind in (PANEL, RECOVERY)}
    held = known.here | set(known.elsewhere)
    made = [
        _key(PANEL if one in held else told.get(one, RECOVERY), one, current.get(one, ""), known)
        for one in _named(current, known.groups)
    ]
    made = [replace(key, current=key.fingerprint in current) for key in made]
    return tuple(sorted(made, key=lambda key: (not key.current, key.kind != PANEL)))


def _signing(known: _Known) -> tuple[BackupError | None, tuple[Key, ...]]:
    problem: BackupError | None = None
    try:
        own = keys.signing()
    except BackupError as error:
        own, problem = None, error
    public = ([own.public] if own else []) + list(settings.BACKUP_TRUSTED_SIGNERS)
    trusted = {signer_fingerprint(one): one for one in public}
    made = [_key(SIGNING, one, trusted.get(one, ""), known) for one in _named(trusted, known.groups)]
    return problem, tuple(replace(key, current=own is not None and key.public == own.public) for key in made)


def _named(current: Iterable[str], groups: list[_Group]) -> list[str]:
    return list(dict.fromkeys([*current, *sorted(one for group in groups for one in group.keys)]))


def _revoked_recipients() -> frozenset[str]:
    named = settings.BACKUP_REVOKED_RECIPIENTS
    return frozenset(recipient_fingerprint(one) if one.startswith("age1") else one for one in named)


def _key(kind: str, fingerprint: str, public: str, known: _Known) -> Key:
    mine = [group for group in known.groups if fingerprint in group.keys]
    about = [event for event in known.events if event.fingerprint == fingerprint]
    made = _last(about, KeyEvent.What.MADE)
    return Key(
        kind=kind,
        fingerprint=fingerprint,
        public=public,
        current=False,
        revoked=fingerprint in known.gone,
        here=fingerprint in known.here,
        where=known.elsewhere.get(fingerprint, ""),
        count=sum(group.count for group in mine),
        alone=sum(group.count for group in mine if not group.keys - known.gone - {fingerprint}),
        since=min([group.first for group in mine] + ([made.at] if made else []), default=None),
        newest=max((group.last for group in mine), default=None),
        proved=_last(about, KeyEvent.What.PROVED),
        kit=_last(about, KeyEvent.What.KIT),
    )


def _last(events: Iterable[KeyEvent], what: str) -> KeyEvent | None:
    return next((event for event in events if event.what == what), None)


def _is_kit_old(events: list[KeyEvent]) -> bool:
    """It opens with the recovery key, and believes the signers that were there when it was made."""
    kit = _last(events, KeyEvent.What.KIT)
    made = [event for event in events if event.what == KeyEvent.What.MADE and event.kind != PANEL]
    return kit is not None and any(event.at > kit.at for event in made)


def _is_stale(opening: tuple[Key, ...], signing: tuple[Key, ...], events: list[KeyEvent]) -> bool:
    """Keys were replaced after this process began: it goes on with those of before until it is restarted."""
    newest = {event.kind: event for event in reversed(events) if event.what == KeyEvent.What.MADE}
    current = {key.fingerprint for key in (*opening, *signing) if key.current}
    return any(event.fingerprint not in current for event in newest.values())


def _problem_of_identity() -> BackupError | None:
    try:
        keys.identities()
    except BackupError as error:
        return error
    return None
