"""Lets a rival answer questions: `serve.py RIVAL TOOLS`.

Both directions are lines of JSON. First the rival says its name; then it reads questions, each a kind with its
numbers and files, and how often it is to be computed; and answers each with the times of one computation in seconds,
on the clock and of the processor, and with the answer: a count, or the SHA-256 of the decimal digits.
"""

import gc
import hashlib
import importlib
import json
import sys
import time


class Task:
    """How a question is answered: `compute` is timed, and so is `digits`, if there is one. `text` is not."""

    def __init__(self, compute, digits=None, text=str):
        self.compute = compute
        self.digits = digits
        self.text = text


def timed(work, *values):
    wall, cpu = time.perf_counter(), time.process_time()
    result = work(*values)
    return result, time.perf_counter() - wall, time.process_time() - cpu


def answer(rival, question):
    task = rival.task(question["kind"], question["numbers"], question["files"])
    if task is None:
        return {"declined": True}
    sums = {"compute": [0.0, 0.0], "digits": [0.0, 0.0] if task.digits else None}
    repeats = question["repeats"]
    result = digits = None
    for _ in range(repeats):
        # What was computed before goes away outside of the times.
        result = digits = None
        result, wall, cpu = timed(task.compute)
        sums["compute"] = [sums["compute"][0] + wall / repeats, sums["compute"][1] + cpu / repeats]
        if task.digits:
            digits, wall, cpu = timed(task.digits, result)
            sums["digits"] = [sums["digits"][0] + wall / repeats, sums["digits"][1] + cpu / repeats]
    if task.digits:
        text = hashlib.sha256(task.text(digits)).hexdigest()
    else:
        text = task.text(result)
    return {"answer": text, **sums}


def main():
    rival = importlib.import_module(sys.argv[1]).start(sys.argv[2])
    print(json.dumps({"name": rival.name}), flush=True)
    gc.disable()
    for line in sys.stdin:
        print(json.dumps(answer(rival, json.loads(line))), flush=True)


if __name__ == "__main__":
    # Under this name the rivals find `Task`.
    sys.modules["serve"] = sys.modules["__main__"]
    main()
