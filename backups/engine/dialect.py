"""What every session of ours is told first, whatever the server's own defaults say."""

from __future__ import annotations

# Numbers, not DEFAULT: that is the server's own, and a limit there would cut tables short in silence.
# What decides about bytes: how values are written, which rows are seen, in which order long keys come.
BYTES = (
    "sql_mode='NO_AUTO_VALUE_ON_ZERO', time_zone='+00:00', character_set_results=NULL, "
    "sql_quote_show_create=1, sql_select_limit=18446744073709551615, sql_big_selects=1, "
    "sql_auto_is_null=0, sql_safe_updates=0, max_sort_length=8192, "
    "tx_isolation='REPEATABLE-READ', tx_read_only=0, foreign_key_checks=1, unique_checks=1, "
    "check_constraint_checks=1, alter_algorithm='DEFAULT'"
)
# What would cut a reading short: a slow storage holds a session up, and one session waits for another.
PATIENCE = (
    "max_statement_time=0, net_write_timeout=86400, net_read_timeout=3600, wait_timeout=604800, "
    "idle_transaction_timeout=0, idle_readonly_transaction_timeout=0, idle_write_transaction_timeout=0, "
    "lock_wait_timeout=3600, innodb_lock_wait_timeout=120"
)
# Where the server lets a session choose: SHOW CREATE says all of a TIMESTAMP, and utf8 means utf8mb3.
LATER = "/*M!100601 , old_mode='UTF8_IS_UTF8MB3' */ /*M!100804 , explicit_defaults_for_timestamp=1 */"

SESSION = f"SET SESSION {BYTES}, {PATIENCE} {LATER}"
