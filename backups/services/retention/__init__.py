"""What stays and what goes: values in, values out. Nothing here knows a database, a storage or a clock."""

from .choose import keep
from .several import Shelf, plans
from .values import PERIODS, PRESET, Held, Plan, Policy, Purpose, Reason, Rules, Strange

__all__ = [
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
    "keep",
    "plans",
]
