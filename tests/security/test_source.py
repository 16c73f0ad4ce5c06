"""Our own source, read: no shell, no name in a statement that nobody quoted."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.security.reading_code import ROOT, Module, sources

# Looked at one by one: made of quoted names further up (a parameter, an attribute, a list that is filled), or
# a word of our own (a kind of object, a charset of the server's, a number). Anything new is quoted where it
# stands, or looked at and added here. What hostile names really do, tests/mariadb shows with a server.
LOOKED_AT: dict[str, set[str]] = {
    "backups/demo/batches.py": {
        "names",
        "table",
    },
    "backups/demo/protected.py": {
        "password",
    },
    "backups/engine/borders.py": {
        "_same('c', border.columns, 'p', border.referenced)",
        "_same('o', border.referenced, 'n', border.referenced)",
        "_set('c', border.columns)",
        "_set('o', border.referenced)",
        "child",
        "gone",
        "keys",
        "old",
        "on",
        "parent",
        "restored",
        "wanted",
    },
    "backups/engine/code.py": {
        "inventory.collation",
        "self.collation",
    },
    "backups/engine/code_reader.py": {
        "charset",
        "kind",
        "owner",
    },
    "backups/engine/grants.py": {
        "', '.join(rights)",
        "account",
        "need.scope",
    },
    "backups/engine/keys_only.py": {
        "', '.join(told)",
        "options",
    },
    "backups/engine/large_rows.py": {
        "bare or EMPTY",
        "source_of(table, database=database, part=part)",
    },
    "backups/engine/load.py": {
        "clauses",
        "options",
    },
    "backups/engine/locks.py": {
        "seconds",
    },
    "backups/engine/losses.py": {
        "told",
        "where",
    },
    "backups/engine/manifest.py": {
        "self.body",
        "self.head",
        "self.owner if definer else ''",
    },
    "backups/engine/pipeline/alongside.py": {
        "drops",
        "name",
    },
    "backups/engine/pipeline/figures.py": {
        "statement",
    },
    "backups/engine/pipeline/foresight.py": {
        "part.inventory.charset",
    },
    "backups/engine/pipeline/partial.py": {
        "charset",
    },
    "backups/engine/plain_sql.py": {
        "inventory.options",
        "kept",
    },
    "backups/engine/quarantine.py": {
        "_account(keeper)",
        "_account(who)",
        "_literal(secrets.token_hex(24))",
        "_literal(who.password)",
        "account",
        "right",
        "rights",
    },
    "backups/engine/rehearsal.py": {
        "', '.join((value for _, value in row))",
        "'DEFAULT' if seconds is None else seconds",
        "inventory.charset",
    },
    "backups/engine/rows.py": {
        "','.join(settings)",
        "','.join(targets)",
        "file",
        "into",
        "listed or EMPTY",
        "mark",
    },
    "backups/engine/sequences.py": {
        "', '.join(clauses)",
        "', '.join(map(str, sequence.state))",
        "clauses",
        "column",
        "expression",
    },
    "backups/engine/settle.py": {
        "column",
        "kind",
        "plan.new.options",
        "table",
        "what",
    },
    "backups/engine/swap.py": {
        "plan.new.options",
    },
    "backups/engine/ties.py": {
        "', '.join(clauses)",
    },
    "backups/engine/volley.py": {
        "_shot(table, variant)",
    },
    "backups/services/audit_guard.py": {
        "_guards()[name]",
        "name",
    },
}
# Programs by a shell, and text that is run as code.
FORBIDDEN = {
    "eval",
    "exec",
    "os.system",
    "os.popen",
    "subprocess.getoutput",
    "subprocess.getstatusoutput",
    "pickle.loads",
}
NEVER_AN_OPTION = ("--password", "-p{", "--pass")


def test_each_value_in_a_statement_is_quoted_or_was_looked_at() -> None:
    new = {}
    for path in sources():
        place = str(path.relative_to(ROOT))
        if unquoted := set(Module.read(path).unquoted()) - LOOKED_AT.get(place, set()):
            new[place] = unquoted
    assert new == {}


def calls() -> Iterator[tuple[str, ast.Call]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def test_nothing_runs_by_a_shell_or_as_code() -> None:
    for place, call in calls():
        assert ast.unparse(call.func) not in FORBIDDEN, place
        shells = [word for word in call.keywords if word.arg == "shell"]
        assert not shells, place


def test_programs_are_given_a_list_of_words() -> None:
    """And never one string, which something might split."""
    running = {"subprocess.run", "subprocess.Popen", "subprocess.check_output", "subprocess.check_call"}
    found = [(place, call) for place, call in calls() if ast.unparse(call.func) in running]
    assert found
    for place, call in found:
        assert call.args, place
        assert not isinstance(call.args[0], ast.Constant | ast.JoinedStr), place


def test_no_password_is_an_option_of_a_program() -> None:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.List):
                words = [ast.unparse(word) for word in node.elts]
                assert not [word for word in words if any(bad in word for bad in NEVER_AN_OPTION)], path


@pytest.mark.parametrize(
    ("statement", "unquoted"),
    [
        ('f"DROP TABLE {quote_name(name)}"', []),
        ('f"DROP TABLE {name}"', ["name"]),
        ("f\"SELECT {', '.join(quote_name(n) for n in names)} FROM {quote_name(t)}\"", []),
        ("f\"SELECT {', '.join(names)} FROM {quote_name(t)}\"", ["', '.join(names)"]),
        ('f"SET x = {LIMIT}"', []),
        ('f"UPDATE t SET a = {value!r}"', ["value"]),
    ],
)
def test_it_sees_what_is_not_quoted(statement: str, unquoted: list[str]) -> None:
    tree = ast.parse(f"def act(name, names, value):\n    run({statement})\n")
    assert list(Module(ROOT, tree).unquoted()) == unquoted
