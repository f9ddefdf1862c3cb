"""Move modules by a map and rewrite every import, dotted name and path that refers to them.

    python -m scripts.move_modules scripts/moves.toml

Run it in a clean checkout, then `make format check`. `[modules]` names single modules, `[prefixes]`
whole packages; tests move with what they test. Both files go when the moves are done. By hand after
that: `demo` in INSTALLED_APPS, the contracts in pyproject.toml, `triggers_app.tasks`, which must
not import the builder to forget old drafts.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOTS = (
    *("project", "accounts_app", "events_app", "runs_app", "triggers_app", "demo"),
    *("tests", "bench", "scripts"),
)
TEXTS = {".md", ".toml", ".html", ".cfg", ".yaml", ".yml", ".txt", ".ini"}


def git(*args: str) -> None:
    subprocess.run(["git", *args], check=True)


def tracked() -> list[Path]:
    done = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True)
    return [Path(name) for name in done.stdout.split("\n") if name]


def dotted(path: Path) -> str:
    parts = list(path.with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


class Moves:
    """What becomes of which module."""

    def __init__(self, config: dict[str, Any], files: list[Path]) -> None:
        self.exact: dict[str, str] = config["modules"]
        self.prefixes: dict[str, str] = config.get("prefixes", {})
        # Names that say too little alone: an import of such a module keeps its former name.
        self.generic = set(config["generic"])
        self.files = files
        python = [f for f in files if f.suffix == ".py" and f.parts[0] in ROOTS]
        self.modules = {dotted(f): f for f in python}
        self.packages = {m for m, f in self.modules.items() if f.name == "__init__.py"}
        for module in list(self.modules):
            parts = module.split(".")
            self.packages |= {".".join(parts[:i]) for i in range(1, len(parts))}
        self.moved = {
            m: n for m in self.modules if (n := self.new_of(m)) != m and m not in self.packages
        }
        targets: dict[str, str] = {}
        for old, new in self.moved.items():
            if new in targets or (new in self.modules and new not in self.moved):
                sys.exit(f"{old} and {targets.get(new, new)} both become {new}")
            targets[new] = old

    def new_of(self, module: str) -> str:
        if module in self.exact:
            return self.exact[module]
        if module.startswith("tests."):
            head, _, last = module.removeprefix("tests.").rpartition(".")
            tested = self.exact.get(f"{head}.{last.removeprefix('test_')}")
            if tested and last.startswith("test_"):
                parent, _, name = tested.rpartition(".")
                return f"tests.{parent}.test_{name}"
        for old in sorted(self.prefixes, key=len, reverse=True):
            if module == old or module.startswith(old + "."):
                return self.prefixes[old] + module[len(old) :]
        return module

    def in_text(self, text: str) -> str:
        for old in sorted(self.moved, key=len, reverse=True):
            new = self.moved[old]
            if old in text:
                text = re.sub(rf"(?<![\w.]){re.escape(old)}(?![\w])", new, text)
            text = text.replace(old.replace(".", "/") + ".py", new.replace(".", "/") + ".py")
        return text


def rewrite(text: str, moves: Moves) -> str:
    """The text of a Python file with its imports, and the names that they give, moved."""
    modules, packages, moved, new_of = moves.modules, moves.packages, moves.moved, moves.new_of
    tree = ast.parse(text)
    lines = text.split("\n")
    stored = {
        n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    stored |= {
        a.arg
        for n in ast.walk(tree)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
        for a in (*n.args.args, *n.args.kwonlyargs, *n.args.posonlyargs)
    }
    stored |= {
        n.name
        for n in ast.walk(tree)
        if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    }
    imported: set[str] = set()
    for n in ast.walk(tree):
        if isinstance(n, (ast.Import, ast.ImportFrom)):
            for a in n.names:
                imported.add(a.asname or a.name.split(".")[0])
    renames: dict[str, str] = {}
    edits: list[tuple[int, int, list[str]]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            end = node.end_lineno or node.lineno
            groups: dict[str, list[tuple[str, str | None]]] = {}
            changed = False
            for a in node.names:
                full = f"{node.module}.{a.name}"
                if full in modules and full not in packages:
                    new = moved.get(full, full)
                    parent, _, name = new.rpartition(".")
                    asname = a.asname
                    if new != full and name != a.name and asname is None:
                        if (
                            name in moves.generic
                            or name in stored
                            or name in imported
                            or a.name in stored
                        ):
                            asname = a.name
                        else:
                            renames[a.name] = name
                    if asname == name:
                        asname = None
                    changed |= new != full
                    groups.setdefault(parent, []).append((name, asname))
                elif (full in packages and full not in modules) or (
                    full in packages and new_of(full) != full
                ):
                    new = new_of(full)
                    parent, _, name = new.rpartition(".")
                    changed |= new != full
                    groups.setdefault(parent, []).append(
                        (name, a.asname if a.asname else (a.name if name != a.name else None))
                    )
                else:
                    new_module = moved.get(node.module, node.module)
                    changed |= new_module != node.module
                    groups.setdefault(new_module, []).append((a.name, a.asname))
            if changed:
                indent = " " * node.col_offset
                out: list[str] = []
                for parent, names in groups.items():
                    rendered = [n if not s else f"{n} as {s}" for n, s in names]
                    line = f"{indent}from {parent} import {', '.join(rendered)}"
                    tail = ""
                    last = lines[end - 1]
                    if "#" in last and not out:
                        tail = "  " + last[last.index("#") :]
                    if len(line) > 98:
                        line = (
                            f"{indent}from {parent} import (\n"
                            + "".join(f"{indent}    {r},\n" for r in rendered)
                            + f"{indent})"
                        )
                    out.append(line + tail)
                edits.append((node.lineno, end, out))
    for start, end, out in sorted(edits, reverse=True):
        lines[start - 1 : end] = out
    text = "\n".join(lines)
    for old, name in renames.items():
        text = re.sub(rf"(?<![\w.\"'/]){old}(?=\.[A-Za-z_])", name, text)
        # bare uses, such as monkeypatch.setattr(module, …)
        text = re.sub(rf"(?<![\w.\"'/]){old}(?=, \")", name, text)
    return text


def move(moves: Moves) -> None:
    for path in moves.modules.values():
        text = path.read_text(encoding="utf-8")
        new = moves.in_text(rewrite(text, moves))
        if new != text:
            path.write_text(new, encoding="utf-8")
    for path in moves.files:
        if path.suffix in TEXTS or path.name in {"Makefile", "Procfile"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            if (new := moves.in_text(text)) != text:
                path.write_text(new, encoding="utf-8")
    for old, new in moves.moved.items():
        target = Path(*new.split(".")).with_suffix(".py")
        target.parent.mkdir(parents=True, exist_ok=True)
        git("mv", str(moves.modules[old]), str(target))
        for folder in list(target.parents)[:-1]:
            if not (init := folder / "__init__.py").exists():
                init.touch()
                git("add", str(init))
    _move_data(moves)
    _drop_empty(moves)


def _move_data(moves: Moves) -> None:
    for path in moves.files:
        if path.suffix == ".py" or not path.exists() or path.parts[0] not in ROOTS:
            continue
        old = ".".join(path.parent.parts)
        if (new := moves.new_of(old)) != old:
            target = Path(*new.split(".")) / path.name
            target.parent.mkdir(parents=True, exist_ok=True)
            git("mv", str(path), str(target))


def _drop_empty(moves: Moves) -> None:
    for package in sorted(moves.packages, key=len, reverse=True):
        folder = Path(*package.split("."))
        init = folder / "__init__.py"
        rest = [f for f in folder.rglob("*") if f.is_file() and "__pycache__" not in f.parts]
        emptied = any(old.startswith(package + ".") for old in moves.moved)
        if rest == [init] and emptied and init.stat().st_size == 0:
            git("rm", "-qf", str(init))


if __name__ == "__main__":
    move(Moves(tomllib.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), tracked()))
