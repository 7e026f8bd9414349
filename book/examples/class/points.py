"""Turns verdicts into points.

python3 points.py VERDICTS TABLE   prints a table in Markdown; --sum prints the sum alone: 7/12

VERDICTS is the output of `cargo learn check --all --json`. TABLE is a CSV file with the columns exercise, points and, if you
like, due.
"""

import csv
import datetime
import json
import sys


def points(verdict, worth):
    """What this verdict earns, if passing earns `worth`. Change this function to change the rule."""
    return worth if verdict["verdict"] == "passed" else 0


def rows(verdicts, table):
    """Pairs of a line of the table and the verdict that it is about."""
    by_id = {verdict["id"]: verdict for verdict in verdicts}
    for line in table:
        if line["exercise"] not in by_id:
            sys.exit(f"The table of points names {line['exercise']}, and the course has no such exercise.")
        yield line, by_id[line["exercise"]]


def sums(pairs):
    """The points earned, and those that the required exercises are worth: an optional one is a bonus."""
    earned = sum(points(verdict, float(line["points"])) for line, verdict in pairs)
    worth = sum(float(line["points"]) for line, verdict in pairs if not verdict["optional"])
    return f"{earned:g}/{worth:g}"


def due(line, verdict):
    """The date, and whether it has gone by."""
    date = line.get("due") or ""
    gone_by = date and date < datetime.date.today().isoformat()
    return f"**{date}, gone by**" if gone_by and verdict["verdict"] != "passed" else date


def markdown(pairs):
    """A table for people."""
    yield "| exercise | verdict | tests passed | points | due |"
    yield "|---|---|--:|--:|---|"
    for line, verdict in pairs:
        worth = float(line["points"])
        yield (
            f"| {verdict['number']} {line['exercise']} | {verdict['verdict']} | {verdict['passed']} of {verdict['tests']} "
            f"| {points(verdict, worth):g} of {worth:g} | {due(line, verdict)} |"
        )
    yield f"\n**{sums(pairs)} points**"


def main(arguments):
    only_the_sum = "--sum" in arguments
    verdicts_file, table_file = (argument for argument in arguments if argument != "--sum")
    with open(verdicts_file, encoding="utf-8") as file:
        verdicts = json.load(file)
    with open(table_file, encoding="utf-8-sig", newline="") as file:
        pairs = list(rows(verdicts, csv.DictReader(file)))
    print(sums(pairs) if only_the_sum else "\n".join(markdown(pairs)))


main(sys.argv[1:])
