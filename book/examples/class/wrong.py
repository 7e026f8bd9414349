"""Names what is wrong: exits with 1 if an exercise is, with 2 if none could be judged. What is not begun, or not finished, is not
wrong.

python3 wrong.py VERDICTS   where VERDICTS is the output of `cargo learn check --all --json`
"""

import json
import os
import sys

WRONG = ("failed", "does-not-compile", "timed-out")


def as_annotation(verdict):
    """GitHub shows such a line beside the file."""
    message = verdict["message"].replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return f"::error file={verdict['file']},title={verdict['number']} {verdict['id']}::{message}"


def as_text(verdict):
    return f"{verdict['number']} {verdict['id']}: {verdict['message']}"


def main(verdicts_file):
    with open(verdicts_file, encoding="utf-8") as file:
        verdicts = json.load(file)
    if "error" in verdicts:
        print(verdicts["error"], file=sys.stderr)
        sys.exit(2)
    wrong = [verdict for verdict in verdicts if verdict["verdict"] in WRONG]
    show = as_annotation if os.environ.get("GITHUB_ACTIONS") else as_text
    for verdict in wrong:
        print(show(verdict))
        print(f"On your machine: cargo learn check {verdict['id']}")
    sys.exit(1 if wrong else 0)


main(sys.argv[1])
