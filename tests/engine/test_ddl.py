"""SHOW CREATE TABLE taken apart: what is quoted is never mistaken for structure, and nothing is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backups.engine.database import quote_name
from backups.engine.ddl import foreign_key_name, split

HOSTILE = st.text(st.sampled_from("`'\"\\(),; KEYCONSTRAINT\nab"), min_size=1, max_size=12)


def literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


@pytest.mark.parametrize("ddl", ["", "CREATE TABLE `t`", "CREATE TABLE `t` (`a` int", "CREATE TABLE `t` (`a"])
def test_half_a_definition_is_refused(ddl):
    with pytest.raises((ValueError, StopIteration, IndexError)):
        split(ddl)


def test_every_part_finds_its_place():
    parts = split(
        "CREATE TABLE `t` (\n"
        "  `id` bigint(20) unsigned NOT NULL AUTO_INCREMENT,\n"
        "  `CONSTRAINT ` enum('a,b',')','it''s') DEFAULT ')' COMMENT 'KEY `k` (`a`), (',\n"
        "  `g` int(11) GENERATED ALWAYS AS (if(`id` > 1,concat('(',')'),0)) VIRTUAL,\n"
        "  PRIMARY KEY (`id`),\n"
        "  UNIQUE KEY `u(,` (`g`,`id` DESC),\n"
        "  FULLTEXT KEY `f` (`CONSTRAINT `),\n"
        "  KEY `p` (`CONSTRAINT `(10)),\n"
        "  CONSTRAINT `c` CHECK (`g` in (1,2) and ' FOREIGN KEY ' <> ''),\n"
        "  CONSTRAINT `fk ``1` FOREIGN KEY (`g`) REFERENCES `o` (`a`,`b`) ON DELETE CASCADE\n"
        ") ENGINE=InnoDB AUTO_INCREMENT=5 COMMENT='), KEY ('\n PARTITION BY HASH (`id`)\nPARTITIONS 4"
    )
    assert [column.split("`")[1] for column in parts.columns] == ["id", "CONSTRAINT ", "g"]
    assert parts.primary == ("PRIMARY KEY (`id`)",)
    assert [key.split("`")[1] for key in parts.keys] == ["u(,", "f", "p"]
    assert parts.keys == parts.later_keys
    assert [check[:14] for check in parts.checks] == ["CONSTRAINT `c`"]
    assert [foreign_key_name(key) for key in parts.foreign_keys] == ["fk `1"]
    assert parts.others == ()
    assert parts.options.endswith("PARTITIONS 4")
    bare = parts.statement(keys=False, foreign_keys=False)
    assert "UNIQUE KEY" not in bare
    assert "REFERENCES" not in bare
    assert "CONSTRAINT `c` CHECK" in bare


@given(name=HOSTILE, column=HOSTILE, key=HOSTILE, text=HOSTILE)
def test_no_name_and_no_text_is_taken_for_structure(name, column, key, text):
    items = (
        f"  {quote_name(column)} varchar(9) DEFAULT {literal(text)} COMMENT {literal(text)}",
        f"  KEY {quote_name(key)} ({quote_name(column)})",
        f"  CONSTRAINT {quote_name(key)} FOREIGN KEY ({quote_name(column)}) REFERENCES `o` (`i`)",
    )
    end = f"\n) ENGINE=InnoDB COMMENT={literal(text)}"
    parts = split(f"CREATE TABLE {quote_name(name)} (\n" + ",\n".join(items) + end)
    assert parts.head == f"CREATE TABLE {quote_name(name)} ("
    assert parts.columns == (items[0].strip(),)
    assert parts.keys == (items[1].strip(),)
    assert parts.foreign_keys == (items[2].strip(),)
    assert parts.options.strip() == end.strip()
    assert foreign_key_name(parts.foreign_keys[0]) == key


@pytest.mark.parametrize(
    ("keys", "later"),
    [
        (["PRIMARY KEY (`id`)", "KEY `k` (`a`)"], 1),
        (["PRIMARY KEY (`id`,`a`)", "KEY `k` (`a`)"], 1),
        (["PRIMARY KEY (`a`)", "KEY `i` (`id`)", "KEY `k` (`a`)"], 0),
        (["PRIMARY KEY (`a`,`id`)", "KEY `k` (`a`)"], 0),
        (["UNIQUE KEY `i` (`id`)", "KEY `k` (`a`)"], 0),
    ],
)
def test_keys_that_a_counter_needs_are_there_from_the_start(keys, later):
    columns = ["`id` int(11) NOT NULL AUTO_INCREMENT", "`a` int(11) NOT NULL COMMENT ' AUTO_INCREMENT'"]
    parts = split("CREATE TABLE `t` (" + ",".join([*columns, *keys]) + ") ENGINE=MyISAM")
    assert len(parts.later_keys) == later
    bare = parts.statement(keys=False)
    assert [key in bare for key in keys] == [key not in parts.later_keys for key in keys]
