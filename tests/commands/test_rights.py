"""What a script sees when the account may not see everything."""

from __future__ import annotations

import pytest

from tests.installation import Installation
from tests.mariadb.test_rights import EVERYTHING, ON_DATABASE, reader_with, without


@pytest.mark.parametrize("right", [*ON_DATABASE, "mysql.proc"])
def test_a_missing_right_ends_with_its_code_and_the_statement_that_helps(
    installation: Installation, right: str
) -> None:
    parking = installation.database
    parking.run(*EVERYTHING)
    with reader_with(parking, without(right), proc=right != "mysql.proc") as reader:
        settings = {"QPARKIN_DB_USERNAME": reader.username}
        done = installation.manage("backup", "--json", **settings)
        assert (done.status, done.json["code"]) == (1, "grant_missing")
        assert installation.files() == []
        statement = done.json["error"].partition("administrator: ")[2]
        assert statement.startswith(
            "GRANT SELECT ON `mysql`.`proc`" if right == "mysql.proc" else f"GRANT {right} ON"
        )
        parking.run(statement)
        assert installation.json("backup", **settings)["tables"] == 5
