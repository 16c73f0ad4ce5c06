"""Reading our own source: what an expression that stands in a statement of SQL is made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SQL = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|CREATE|DROP|ALTER|RENAME|GRANT|REVOKE|LOCK|UNLOCK|SHOW|SET|USE|LOAD|CALL|"
    r"TRUNCATE|ANALYZE|CHECK|CHECKSUM|FLUSH|KILL|START|REPLACE|PREPARE|EXPLAIN|WITH)\s"
)
# The ways by which a name, a text or a number gets into a statement.
QUOTING = {"quote_name", "quote_text", "qualified", "quoted_account", "definer_clause", "int", "len", "float"}


def sources() -> Iterator[Path]:
    for folder in ("backups", "qparkin_backup"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


@dataclass(slots=True)
class Module:
    path: Path
    tree: ast.Module
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Module:
        tree = ast.parse(path.read_text())
        found = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        return cls(path, tree, found)

    def unquoted(self) -> Iterator[str]:
        """What stands in statements and is not known to be harmless, as it is written."""
        for node, within in _strings(self.tree, None):
            first = node.values[0]
            text = first.value if isinstance(first, ast.Constant) else ""
            if not SQL.match(str(text)):
                continue
            for part in node.values:
                if isinstance(part, ast.FormattedValue) and not self._harmless(part.value, within, ()):
                    yield ast.unparse(part.value)

    def _harmless(  # noqa: C901, PLR0911, PLR0912 - one line for each kind of expression
        self, node: ast.expr, within: ast.FunctionDef | None, seen: tuple[str, ...]
    ) -> bool:
        match node:
            case ast.Constant():
                return True
            case ast.JoinedStr(values=parts):
                inner = [part.value for part in parts if isinstance(part, ast.FormattedValue)]
                return all(self._harmless(part, within, seen) for part in inner)
            case ast.BinOp(left=one, right=other):
                return self._harmless(one, within, seen) and self._harmless(other, within, seen)
            case ast.IfExp(body=one, orelse=other):
                return self._harmless(one, within, seen) and self._harmless(other, within, seen)
            case ast.BoolOp(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
                return all(self._harmless(part, within, seen) for part in parts)
            case ast.Starred(value=inner_value):
                return self._harmless(inner_value, within, seen)
            case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part):
                return self._harmless(part, within, seen)
            case ast.Call(func=ast.Attribute(attr="join"), args=[listed]):
                return self._harmless(listed, within, seen)
            case ast.Call(func=ast.Name(id="map"), args=[ast.Name(id=name), *_]):
                return name in QUOTING
            case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
                return name in QUOTING or self._gives_harmless(name, seen)
            case ast.Name(id=name):
                return name.isupper() or self._is_made_harmless(name, within, seen)
            case ast.Attribute(attr=name):
                return name.isupper()
            case _:
                return False

    def _gives_harmless(self, name: str, seen: tuple[str, ...]) -> bool:
        function = self.functions.get(name)
        if function is None or name in seen:
            return False
        given = [node.value for node in ast.walk(function) if isinstance(node, ast.Return) and node.value]
        return bool(given) and all(self._harmless(value, function, (*seen, name)) for value in given)

    def _is_made_harmless(self, name: str, within: ast.FunctionDef | None, seen: tuple[str, ...]) -> bool:
        """Each time that it is assigned in its function; what is handed in is not known here."""
        if within is None or name in seen:
            return False
        made = [
            node.value
            for node in ast.walk(within)
            if isinstance(node, ast.Assign | ast.AugAssign)
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name) and target.id == name
        ]
        return bool(made) and all(self._harmless(value, within, (*seen, name)) for value in made)


def _strings(
    node: ast.AST, within: ast.FunctionDef | None
) -> Iterator[tuple[ast.JoinedStr, ast.FunctionDef | None]]:
    for child in ast.iter_child_nodes(node):
        inside = child if isinstance(child, ast.FunctionDef) else within
        if isinstance(child, ast.JoinedStr):
            yield child, within
        yield from _strings(child, inside)
