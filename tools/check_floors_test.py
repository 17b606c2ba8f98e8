#!/usr/bin/env python3
"""Tests of check_floors.py on small houses built for each, and of this project's own."""
import contextlib
import io
import pathlib
import tempfile
import unittest

import check_floors


class CheckFloors(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.addCleanup(self.temporary.cleanup)
        self.project = pathlib.Path(self.temporary.name)
        self.write("CMakeLists.txt", "foreach(room base formats evidence ledger inventory scan app)\n")
        self.room("base")
        self.room("evidence", "USES base OpenSSL::Crypto")
        self.write("base/text.h", "#pragma once\n")
        self.write("evidence/statement.h", '#pragma once\n#include "base/text.h"\n')

    def write(self, path, text):
        target = self.project / "src" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)

    def room(self, name, uses=""):
        self.write(f"{name}/CMakeLists.txt", f"# capability(commented)\ncapability({name} {uses})\n")

    def problems(self):
        return check_floors.check(self.project)

    def expect(self, *wanted):
        found = self.problems()
        self.assertEqual(len(found), len(wanted), found)
        for part, problem in zip(wanted, found):
            self.assertIn(part, problem)

    def test_a_sound_house_has_no_problem(self):
        self.expect()

    def test_an_include_upwards(self):
        self.write("base/bad.cc", '\n  #  include "evidence/statement.h"\n')
        self.expect("src/base/bad.cc:2: base (floor 0) includes evidence above it (floor 2)")

    def test_an_include_of_a_neighbour(self):
        self.room("ledger", "USES base")
        self.write("ledger/ledger.cc", '#include "base/text.h"\n#include "evidence/statement.h"\n')
        self.expect("src/ledger/ledger.cc:2: ledger includes evidence, its neighbour on floor 2")

    def test_an_include_that_uses_does_not_name(self):
        self.room("evidence")
        self.expect("src/evidence/statement.h:2: includes base, which capability(evidence USES ...) does not name")

    def test_a_use_of_nothing(self):
        self.room("formats", "USES base")
        self.expect("src/formats/CMakeLists.txt:2: formats USES base but includes nothing of it")

    def test_sub_folders_belong_to_their_room(self):
        self.write("evidence/deep/down/a.cc", '#include "inventory/walk.h"\n')
        self.expect("src/evidence/deep/down/a.cc:1: evidence (floor 2) includes inventory above it")

    def test_an_include_without_a_room(self):
        self.write("evidence/a.cc", '#include "statement.h"\n#include "elsewhere/x.h"\n')
        self.expect('a.cc:1: "statement.h" names no room', 'a.cc:2: "elsewhere/x.h" names no room')

    def test_includes_in_comments_and_strings_do_not_count(self):
        self.write(
            "base/a.cc",
            '// #include "evidence/statement.h"\n/*\n#include "evidence/statement.h"\n*/\n'
            'auto a = R"(\n#include "evidence/statement.h"\n)";\n',
        )
        self.expect()

    def test_tests_may_include_what_the_uses_use(self):
        self.room("inventory", "USES evidence")
        self.write("inventory/walk.cc", '#include "evidence/statement.h"\n')
        self.write("inventory/walk_test.cc", '#include "base/text.h"\n#include "inventory/helper.h"\n')
        self.write("inventory/helper.h", '#include "base/text.h"\n')  # of the tests, since only they include it
        self.expect()
        self.write("inventory/other_test.cc", '#include "ledger/ledger.h"\n#include "app/app.h"\n')
        self.expect("inventory does not use ledger, not even by way of others", "includes app above it")

    def test_library_rooms_do_not_print_or_exit(self):
        lines = [
            "std::cout << 1;", "std::cerr << 1;", 'std::printf("x");', 'fprintf(stderr, "x");', "puts(a);",
            "std::exit(1);", "  exit (1);",
        ]
        self.write("base/bad.cc", "\n".join(lines) + "\n")
        found = self.problems()
        self.assertEqual([problem.split(":")[1] for problem in found], [str(i + 1) for i in range(len(lines))], found)

    def test_what_only_looks_like_printing(self):
        self.write(
            "base/fine.cc",
            "std::snprintf(a, 1, b); on_exit(x); log.exit(1); int exit_code = exit_of(2); _exit(3);\n"
            '// std::cout\nauto a = "exit(1) std::cerr"; auto b = R"x(printf("))x"; char c = \'"\'; auto d = 1\'000;\n'
            "/* exit(1) */ auto e = \"\\\"\"; // printf(\n",
        )
        self.expect()

    def test_app_tests_and_programs_may_print(self):
        self.room("app")
        for name in ("app/a.cc", "base/a_test.cc", "base/a_fuzz.cc", "base/pack/main.cc"):
            self.write(name, "std::cout << 1; exit(1);\n")
        self.expect()

    def test_a_room_on_no_floor(self):
        self.room("attic")
        self.expect("room attic is on no floor", "room attic is not built")

    def test_a_room_without_capability(self):
        self.write("scan/CMakeLists.txt", "add_library(scan)\n")
        self.expect("src/scan/CMakeLists.txt:1: no capability() call")

    def test_a_capability_of_another_name(self):
        self.write("scan/CMakeLists.txt", "capability(skan)\n")
        self.expect("capability(skan) in room scan")

    def test_the_exit_code(self):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertEqual(check_floors.main([str(self.project)]), 0)
            self.assertEqual(out.getvalue(), "")
            self.write("base/bad.cc", "std::cout << 1;\n")
            self.assertEqual(check_floors.main([str(self.project)]), 1)
        self.assertIn("src/base/bad.cc:1: std::cout", out.getvalue())


class Project(unittest.TestCase):
    def test_this_project_is_built_as_its_plan_says(self):
        self.assertEqual(check_floors.check(pathlib.Path(__file__).resolve().parents[1]), [])


if __name__ == "__main__":
    unittest.main()
