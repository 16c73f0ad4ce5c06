"""What is looked at before a restore: each line passes, warns or blocks, and says what mends it."""

from .values import BLOCK, PASS, WARN, Check, Subject, blocked, passed, warned

__all__ = ["BLOCK", "PASS", "WARN", "Check", "Subject", "blocked", "passed", "warned"]
