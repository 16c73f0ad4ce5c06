"""Tables whose text is compared byte for byte."""

from __future__ import annotations

from typing import Any

from django.db.backends.mysql import schema


class SchemaEditor(schema.DatabaseSchemaEditor):
    def __init__(self, connection: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(connection, *args, **kwargs)
        # MySQL has no such collation by that name; there 'x' and 'x ' stay equal.
        exact = "utf8mb4_nopad_bin" if connection.mysql_is_mariadb else "utf8mb4_bin"
        text = f"ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE {exact}"
        self.sql_create_table = f"{schema.DatabaseSchemaEditor.sql_create_table} {text}"
