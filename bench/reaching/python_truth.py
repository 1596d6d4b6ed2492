"""Which definitions of a local name reach each use of it, from CPython's bytecode: the reference for flow inside functions.

Usage: python_truth.py ROOT OUT.json; the control flow is that of the compiled code, with its jumps and its exception table. Positions
are indexes into the text of the file. Needs Python 3.11 or later.
"""

import dis
import json
import os
import sys
from types import CodeType

LOADS = {"LOAD_FAST", "LOAD_DEREF", "LOAD_FAST_CHECK"}
STORES = {"STORE_FAST", "STORE_DEREF"}
DELETES = {"DELETE_FAST", "DELETE_DEREF"}
ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}
JUMPS = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT", "JUMP_ABSOLUTE"}
# What cannot raise: with these, an exception does not leave a block.
QUIET = LOADS | STORES | JUMPS | {
    "LOAD_CONST", "NOP", "POP_TOP", "RESUME", "COPY", "SWAP", "PUSH_NULL", "POP_EXCEPT", "PUSH_EXC_INFO", "RETURN_VALUE",
    "POP_JUMP_FORWARD_IF_NONE", "POP_JUMP_FORWARD_IF_NOT_NONE", "BUILD_TUPLE", "BUILD_LIST", "MAKE_CELL", "COPY_FREE_VARS",
}


def stored_inside(code):
    """Names that functions inside of this one assign to: what reaches a use of them depends on when those run."""
    found = set()
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for instruction in dis.get_instructions(inner):
                if instruction.opname in STORES | DELETES and instruction.argval in inner.co_freevars:
                    found.add(instruction.argval)
            found |= stored_inside(inner)
    return found


class Function:
    def __init__(self, code):
        self.code = code
        self.instructions = list(dis.get_instructions(code))
        self.at = {instruction.offset: i for i, instruction in enumerate(self.instructions)}
        self.skipped = stored_inside(code) | set(code.co_freevars)
        self.handlers = dis._parse_exception_table(code)

    def concerns(self, instruction):
        return instruction.argval not in self.skipped

    def successors(self, i):
        instruction = self.instructions[i]
        name = instruction.opname
        if name in ENDS:
            return []
        jump = instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs
        found = [] if name in JUMPS else [i + 1]
        if jump:
            found.append(self.at[instruction.argval])
        return [n for n in found if n < len(self.instructions)]

    def handler(self, i, with_managers):
        offset = self.instructions[i].offset
        for entry in self.handlers:
            if entry.start <= offset < entry.end:
                target = self.at[entry.target]
                names = [n.opname for n in self.instructions[target : target + 2]]
                manager = names == ["PUSH_EXC_INFO", "WITH_EXCEPT_START"]
                return None if manager and not with_managers else target
        return None

    def artificial(self, i):
        """The end of `except … as name` takes the name away: assigned None, then deleted."""
        following = self.instructions[i + 1 : i + 2]
        return bool(following) and following[0].opname in DELETES and following[0].argval == self.instructions[i].argval

    def solve(self, generous):
        """States before each instruction: name -> definitions. `generous`: what a block assigns last may leave it too."""
        code = self.code
        count = code.co_argcount + code.co_kwonlyargcount + bool(code.co_flags & 4) + bool(code.co_flags & 8)
        start = {name: frozenset(["parameter"]) for name in code.co_varnames[:count]}
        states = [None] * len(self.instructions)
        states[0] = start
        waiting = [0]
        while waiting:
            i = waiting.pop()
            before = states[i]
            instruction = self.instructions[i]
            after = before
            if instruction.opname in STORES and not self.artificial(i):
                after = {**before, instruction.argval: frozenset([i])}
            elif instruction.opname in DELETES or instruction.opname in STORES:
                after = {**before, instruction.argval: frozenset()}
            targets = [(n, after) for n in self.successors(i)]
            handler = self.handler(i, generous)
            if handler is not None and (generous or instruction.opname not in QUIET):
                targets.append((handler, before))
                if generous:
                    targets.append((handler, after))
            for n, state in targets:
                merged = merge(states[n], state)
                if merged is not states[n]:
                    states[n] = merged
                    waiting.append(n)
        return states


def merge(known, state):
    if known is None:
        return state
    merged = None
    for name, defs in state.items():
        have = known.get(name)
        if have is None or not defs <= have:
            merged = merged or dict(known)
            merged[name] = defs if have is None else have | defs
    return known if merged is None else merged


def functions(code):
    if code.co_flags & 1 and not code.co_name.startswith("<"):
        yield Function(code)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from functions(inner)


class Places:
    def __init__(self, text):
        self.starts = [0]
        self.lines = text.split("\n")
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)

    def index(self, line, column):
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode(errors="ignore"))


def read(text, path):
    places = Places(text)
    found = []
    for function in functions(compile(text, path, "exec", dont_inherit=True)):
        sure, generous = function.solve(False), function.solve(True)

        def place(definition):
            if definition == "parameter":
                return "parameter"
            p = function.instructions[definition].positions
            return [places.index(p.lineno, p.col_offset), places.index(p.end_lineno, p.end_col_offset)]

        for i, instruction in enumerate(function.instructions):
            if instruction.opname not in LOADS or not function.concerns(instruction) or sure[i] is None:
                continue
            p = instruction.positions
            if p is None or p.lineno is None or p.col_offset is None:
                continue
            name = instruction.argval
            must = [place(d) for d in sure[i].get(name, ())]
            may = [place(d) for d in (generous[i] or {}).get(name, ())]
            found.append({"name": name, "use": places.index(p.lineno, p.col_offset), "defs": must, "allowed": may})
    return found


def main(root, out):
    result = {}
    for folder, dirs, files in os.walk(root):
        dirs[:] = sorted(d for d in dirs if d not in ("__pycache__", ".git", "node_modules"))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not name.endswith(".py"):
                continue
            with open(path, encoding="utf-8", newline="") as f:
                text = f.read()
            try:
                result[os.path.relpath(path, root)] = read(text, path)
            except SyntaxError:
                pass
    with open(out, "w") as f:
        json.dump(result, f)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
