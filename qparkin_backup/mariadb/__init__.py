"""Django's MySQL backend on PyMySQL, for a control database on MariaDB or MySQL."""
