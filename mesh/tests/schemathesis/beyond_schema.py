"""What the door asks for and JSON Schema cannot say: cases that schemathesis makes up are bent to it."""

import schemathesis


@schemathesis.hook
def before_call(context, case, kwargs):
    body = case.body if isinstance(case.body, dict) else {}
    task = body.get("task")
    if isinstance(task, dict):
        in_order(task.get("primes"), "start", "end")
        from_one(task.get("nthPrime"), "n")
    if task == "primes":
        in_order(body.get("params"), "start", "end")
    if task == "nth_prime":
        from_one(body.get("params"), "n")
    in_order(case.query, "start_num", "end_num")
    # One call has one id.
    if body.get("requestId") is not None and case.headers:
        case.headers.pop("Idempotency-Key", None)
    # Formats fit some results only.
    if case.query and str(case.query.get("format")).startswith("RESULT_FORMAT_"):
        case.query["format"] = "RESULT_FORMAT_UNSPECIFIED"
    # While fibonacci is suspended, who waits for a number waits for a minute.
    if case.path_parameters and case.path_parameters.get("kind") == "fibonacci":
        case.path_parameters["kind"] = "surprise"
    if body.get("fibonacci") == "suspended":
        body["fibonacci"] = "active"


def in_order(holder, first, last):
    """An interval ends behind its start."""
    if not isinstance(holder, dict):
        return
    if first in holder and last not in holder:
        holder[last] = holder[first]
    bounds = [number(holder.get(first)), number(holder.get(last))]
    if None not in bounds and bounds[0] > bounds[1]:
        holder[first], holder[last] = holder[last], holder[first]


def from_one(holder, name):
    """There is a first prime, but none before it."""
    if isinstance(holder, dict) and number(holder.get(name)) == 0:
        holder[name] = 1


def number(told):
    """The number that is told, as itself or in digits; 0 when none is."""
    if told is None:
        return 0
    if isinstance(told, (int, float)) and not isinstance(told, bool):
        return told
    return int(told) if isinstance(told, str) and told.isdigit() else None
