#!/usr/bin/env python3
"""Checks that the house is built as docs/architecture.md says.

    tools/check_floors.py [DIR]        the project (default: the one this script is in)

  - A room includes only rooms on lower floors; rooms on one floor do not know each other.
  - `capability(room USES ...)` in its CMakeLists.txt names exactly the rooms that its sources include; its tests may
    also include what those use.
  - Outside app/ nothing prints and nothing ends the program (tests, fuzz targets and main.cc, a program of its own,
    may).
  - Every room is known here and is built.

Prints FILE:LINE: what is wrong, one a line. Exit code 0 when nothing is, 1 when something is.
"""
import pathlib
import re
import sys

FLOORS = [
    {"base"},
    {"formats", "sandbox", "inspect", "guard"},
    {"evidence", "ledger", "catalog"},
    {"inventory", "scan", "sign", "bom", "records", "imports", "traffic"},
    {"assess", "recovery", "threats", "probe", "control", "monitor", "retire"},
    {"report", "bundle", "gateway"},
    {"app", "serve"},
]
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
MAY_PRINT = {"app", "serve"}

# One pattern for all that can hide code or look like it; the first alternative that fits wins.
TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"
      | (?P<string>"(?:\\.|[^"\\\n])*")
      | (?P<char>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')""",
    re.VERBOSE | re.DOTALL,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*"([^"\n]+)"', re.MULTILINE)
FORBIDDEN = re.compile(
    r"std::(?:cout|cerr|clog)\b"
    r"|\b(?:f|v|vf|d|vd)?printf\s*\("
    r"|\b(?:puts|fputs|putchar|perror)\s*\("
    r"|(?<![.>\w])(?:exit|quick_exit)\s*\("
)
CAPABILITY = re.compile(r"\bcapability\s*\(\s*(\w+)([^)]*)\)")


def blank(text, keep_strings=False):
    """The text with comments and literals blanked out, lines kept."""

    def replace(match):
        if keep_strings and match.group("string"):
            return match.group(0)
        return re.sub(r"[^\n]", " ", match.group(0))

    return TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def is_test(path):
    return path.stem.endswith(("_test", "_fuzz"))


def sources_of(folder):
    return sorted(path for path in folder.rglob("*") if path.suffix in (".cc", ".h") and path.is_file())


def read(path):
    return path.read_text(encoding="utf-8", errors="replace")


def uses_in(cmake_text):
    """Room name and USES of the capability() call of a CMakeLists.txt, with its line; None where there is none."""
    text = re.sub(r"#[^\n]*", lambda match: " " * len(match.group(0)), cmake_text)
    found = CAPABILITY.search(text)
    if not found:
        return None
    words = found.group(2).split()
    uses = words[words.index("USES") + 1 :] if "USES" in words else []
    return found.group(1), [word for word in uses if word in FLOOR], line_of(text, found.start())


def closure(room, uses):
    seen, todo = set(), [room]
    while todo:
        for used in uses.get(todo.pop(), ()):
            if used not in seen:
                seen.add(used)
                todo.append(used)
    return seen


def check(project):
    src = project / "src"
    problems = []

    def report(path, line, message):
        problems.append(f"{path.relative_to(project)}:{line}: {message}")

    if not src.is_dir():
        return [f"{src}: no such directory"]
    rooms = sorted(path.name for path in src.iterdir() if path.is_dir())
    listed = read(src / "CMakeLists.txt") if (src / "CMakeLists.txt").is_file() else ""
    uses, uses_line = {}, {}
    for room in rooms:
        cmake = src / room / "CMakeLists.txt"
        if room not in FLOOR:
            report(src / room, 1, f"room {room} is on no floor: add it to tools/check_floors.py and docs/architecture.md")
        if not re.search(rf"\b{room}\b", listed):
            report(src / "CMakeLists.txt", 1, f"room {room} is not built")
        declared = uses_in(read(cmake)) if cmake.is_file() else None
        if declared is None:
            report(cmake, 1, "no capability() call")
        else:
            name, uses[room], uses_line[room] = declared
            if name != room:
                report(cmake, uses_line[room], f"capability({name}) in room {room}")

    texts = {path: read(path) for room in rooms for path in sources_of(src / room)}
    included = {
        path: [(match.group(1), line_of(text, match.start())) for match in INCLUDE.finditer(blank(text, True))]
        for path, text in texts.items()
    }
    by_tests = {name for path in texts if is_test(path) for name, _ in included[path]}
    by_library = {name for path in texts if not is_test(path) for name, _ in included[path]}
    for room in rooms:
        floor = FLOOR.get(room)
        if floor is None:
            continue
        wanted = {}
        for path in sources_of(src / room):
            own = path.relative_to(src).as_posix()  # a header that only tests include is one of theirs
            test = is_test(path) or (path.suffix == ".h" and own in by_tests and own not in by_library)
            for name, line in included[path]:
                target = name.split("/")[0]
                if target == room:
                    continue
                if target not in FLOOR or "/" not in name:
                    report(path, line, f'"{name}" names no room: includes are relative to src/')
                    continue
                if FLOOR[target] > floor:
                    report(path, line, f"{room} (floor {floor}) includes {target} above it (floor {FLOOR[target]})")
                elif FLOOR[target] == floor:
                    report(path, line, f"{room} includes {target}, its neighbour on floor {floor}")
                elif test:
                    if room in uses and target not in closure(room, uses):
                        report(path, line, f"{room} does not use {target}, not even by way of others")
                else:
                    wanted.setdefault(target, (path, line))
            if room not in MAY_PRINT and not test and path.name != "main.cc":
                code = blank(texts[path])
                for match in FORBIDDEN.finditer(code):
                    what = match.group(0).rstrip("( \t\n")
                    report(path, line_of(code, match.start()), f"{what}: only app/ prints and ends the program")
        if room in uses:
            for target, (path, line) in sorted(wanted.items()):
                if target not in uses[room]:
                    report(path, line, f"includes {target}, which capability({room} USES ...) does not name")
            for target in uses[room]:
                if target not in wanted:
                    report(src / room / "CMakeLists.txt", uses_line[room], f"{room} USES {target} but includes nothing of it")
    return problems


def main(words):
    if len(words) > 1 or (words and words[0].startswith("-")):
        print(__doc__.strip())
        return 2
    project = pathlib.Path(words[0]).resolve() if words else pathlib.Path(__file__).resolve().parents[1]
    problems = check(project)
    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
