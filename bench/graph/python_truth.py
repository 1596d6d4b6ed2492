"""What jedi says every name of a Python project refers to: the reference that the resolver is scored against.

Usage: python_truth.py ROOT OUT.json [FILE...]; positions are indexes into the text of the file.
"""

import ast
import json
import os
import re
import sys

import jedi


STRING = re.compile(r'"[^"\n]{1,80}"|' + r"'[^'\n]{1,80}'")


def line_starts(text):
    starts = [0]
    for i, c in enumerate(text):
        if c == "\n":
            starts.append(i + 1)
    return starts


def declared_attributes(text):
    """(first line, last line, name, line, column) of every attribute that a class body declares with a type."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                    target = statement.target
                    found.append((node.lineno, node.end_lineno, target.id, target.lineno, target.col_offset))
    return found


def is_import(name):
    definition = name._name.tree_name.get_definition() if name._name.tree_name else None
    return definition is not None and definition.type in ("import_from", "import_name")


def main(root, out, chosen):
    root = os.path.realpath(root)
    paths = []
    for folder, dirs, files in os.walk(root):
        dirs[:] = sorted(d for d in dirs if d not in ("__pycache__", ".git", "node_modules"))
        paths += [os.path.join(folder, f) for f in sorted(files) if f.endswith(".py")]
    texts, starts = {}, {}
    for path in paths:
        with open(path, encoding="utf-8", newline="") as f:
            texts[path] = f.read()
        starts[path] = line_starts(texts[path])
    # Not the installed packages: a project that is installed as well would be found there.
    library = [p for p in sys.path if p and "site-packages" not in p and p != os.path.dirname(os.path.abspath(__file__))]
    project = jedi.Project(root, sys_path=[root] + library, smart_sys_path=False)
    references = []
    # Names that jedi has no answer to; and attributes that are assigned, where it only answers with themselves.
    unanswered = []
    # Where a class declares an attribute with a type, the declaration is as right as the assignments that jedi names.
    allowed = []
    declared = {path: declared_attributes(texts[path]) for path in paths}
    failures = 0
    for path in paths:
        if chosen and os.path.relpath(path, root) not in chosen:
            continue
        script = jedi.Script(texts[path], path=path, project=project)
        # Types in string annotations are uses, but not names to jedi.
        for match in STRING.finditer(texts[path]):
            for word in re.finditer(r"[A-Za-z_]\w*", match.group()):
                unanswered.append(
                    {"fromFile": os.path.relpath(path, root), "fromPos": match.start() + word.start(), "name": word.group()}
                )
        for name in script.get_names(all_scopes=True, definitions=True, references=True):
            at = starts[path][name.line - 1] + name.column
            place = {"fromFile": os.path.relpath(path, root), "fromPos": at, "name": name.name}
            if name.is_definition() and not is_import(name):
                if at > 0 and texts[path][at - 1] == ".":
                    unanswered.append(place)
                continue
            try:
                targets = script.goto(name.line, name.column, follow_imports=True, follow_builtin_imports=False)
            except Exception:
                failures += 1
                targets = []
            if not targets:
                unanswered.append(place)
            for target in targets:
                to = str(target.module_path) if target.module_path else None
                if to is None or os.path.realpath(to) not in texts or target.line is None or target.type == "module":
                    continue
                to = os.path.realpath(to)
                from_pos = at
                to_pos = starts[to][target.line - 1] + target.column
                if to == path and to_pos == from_pos:
                    continue
                parent = target.parent()
                kind = "local"
                if parent is None or parent.type == "module":
                    kind = "module"
                elif parent.type == "class":
                    kind = "member"
                if target.type == "param":
                    kind = "local"
                text = texts[path]
                before = text[from_pos - 1] if from_pos > 0 else ""
                if before == ".":
                    kind = "member"
                for first, last, attribute, line, column in declared[to]:
                    if attribute == name.name and first <= target.line <= last:
                        at_declaration = {"toFile": os.path.relpath(to, root), "toPos": starts[to][line - 1] + column}
                        allowed.append({**place, **at_declaration, "kind": "member"})
                references.append(
                    {**place, "toFile": os.path.relpath(to, root), "toPos": to_pos, "kind": kind}
                )
    with open(out, "w") as f:
        json.dump({"references": references, "allowed": allowed, "unanswered": unanswered}, f)
    print(len(paths), "files", len(references), "references", failures, "failures")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
