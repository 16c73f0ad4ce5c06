"""What stays and what goes: values in, values out. Nothing here knows a database, a storage or a clock."""

from .choose import held_for_anomalies, keep
from .several import ELSEWHERE, Shelf, plans
from .values import PERIODS, PRESET, Held, Plan, Policy, Purpose, Reason, Rules, Strange

__all__ = [
    "ELSEWHERE",
    "PERIODS",
    "PRESET",
    "Held",
    "Plan",
    "Policy",
    "Purpose",
    "Reason",
    "Rules",
    "Shelf",
    "Strange",
    "held_for_anomalies",
    "keep",
    "plans",
]
