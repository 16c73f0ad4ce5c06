"""Code that is to run as somebody else: a stranger does not say whose rights his code gets here."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from .grants import definer_clause
from .manifest import Event, Inventory, Routine, View

Code = TypeVar("Code", Routine, View, Event)


def redefined(inventory: Inventory, account: str) -> Inventory:
    """Everything belongs to `account` (user@host), which need not exist: then it is known to be missing."""
    clause = definer_clause(account)
    return replace(
        inventory,
        triggers=tuple(replace(t, owner=clause, definer=account) for t in inventory.triggers),
        routines=tuple(_given_to(routine, account) for routine in inventory.routines),
        views=tuple(_given_to(view, account) for view in inventory.views),
        events=tuple(_given_to(event, account) for event in inventory.events),
        missing_definers=(account,),
    )


def _given_to(code: Code, account: str) -> Code:
    # The server writes the definer into the head, before any text of the author's.
    before, after = definer_clause(code.definer), definer_clause(account)
    return replace(code, statement=code.statement.replace(before, after, 1), definer=account)
