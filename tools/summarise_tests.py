#!/usr/bin/env python3
"""Counts the results of a test run: tools/summarise_tests.py [--step NAME=passed|failed]... JUNIT_FILE

Names every test that failed and every one that was skipped, with its reason, and ends with "N passed, N failed, N
skipped". Tests that a Python unittest skipped inside a passing program are counted too. Exit code 0 only when tests ran
and none failed.
"""
import argparse
import re
import sys
import xml.etree.ElementTree as ElementTree

GTEST_SKIP = re.compile(r": Skipped\n(.*?)\n\s*\n?\[  SKIPPED \]", re.DOTALL)
UNITTEST_SKIP = re.compile(r"^(\w+) \(([^)]*)\)(?:\n[^\n]*)?? \.\.\. skipped (?:'(.*)'|\"(.*)\")$", re.MULTILINE)


def reason_of(case, output):
    found = GTEST_SKIP.search(output)
    if found:
        return " ".join(found.group(1).split())
    element = case.find("skipped")
    message = (element.get("message") or "") if element is not None else ""
    return message if message and not message.startswith("SKIP_") else "no reason given"


def read_results(path):
    """Names of passed and failed tests, and (name, reason) of skipped ones."""
    passed, failed, skipped = [], [], []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        name = case.get("name", "?")
        output = "".join(element.text or "" for element in case.iter("system-out"))
        status = case.get("status", "")
        if case.find("failure") is not None or status == "fail":
            failed.append(name)
        elif case.find("skipped") is not None or status in ("notrun", "disabled"):
            if case.find("skipped") is None and status == "notrun":
                failed.append(name + " (did not run)")  # the program is missing
            else:
                skipped.append((name, reason_of(case, output)))
        else:
            passed.append(name)
            for method, where, single, double in UNITTEST_SKIP.findall(output):
                group = where.removesuffix("." + method).split(".")[-1]  # Python 3.11 names the method here as well
                skipped.append((f"{name}: {group}.{method}", single or double))
    return passed, failed, skipped


def main(words):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--step", action="append", default=[], metavar="NAME=passed|failed")
    parser.add_argument("results")
    arguments = parser.parse_args(words)
    try:
        passed, failed, skipped = read_results(arguments.results)
        ran = len(passed) + len(failed)
    except FileNotFoundError:
        passed, failed, skipped, ran = [], [], [], 0
    except ElementTree.ParseError as error:
        passed, failed, skipped, ran = [], [f"reading {arguments.results}: {error}"], [], 0
    for step in arguments.step:
        name, _, outcome = step.partition("=")
        (passed if outcome == "passed" else failed).append(name)
    print()
    for name, reason in skipped:
        print(f"skipped: {name}: {reason}")
    for name in failed:
        print(f"failed: {name}")
    if ran == 0:
        print("no test ran")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return 0 if ran and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
