"""Runs in a fresh process: calls a function with an event, as often as told, without a runtime.

    python driver.py <file with the event> <times>

Run in the function's folder. Prints JSON: the last answer's `status`; `total`, the processor
time since the process began, and `each`, that of one event, the first tenth left out (seconds);
`peak`, the most memory that it had (bytes, 0 unless on Linux).
"""

import os
import sys
import time

sys.path[0] = os.getcwd()  # in place of this file's own folder, as Lambda puts the function's first


class Context:
    """What slack_bolt asks of a Lambda's context."""

    function_name = "benchmark"
    invoked_function_arn = "arn:aws:lambda:us-east-1:000000000000:function:benchmark"


def main(path, times):
    """Call the function."""
    import app
    import json  # last: every function has it by now

    with open(path) as file:
        text = file.read()
    events = [json.loads(text) for _ in range(times)]
    unmeasured = times // 10
    for event in events[:unmeasured]:
        answer = app.handler(event, Context)
    start = time.process_time()
    for event in events[unmeasured:]:
        answer = app.handler(event, Context)
    each = (time.process_time() - start) / (times - unmeasured)
    total = time.process_time()
    print(
        json.dumps({"status": answer["statusCode"], "total": total, "each": each, "peak": peak()})
    )


def peak():
    """The process's own; getrusage would count that of its parent, which it was made of."""
    try:
        with open("/proc/self/status") as file:
            return next(int(line.split()[1]) * 1024 for line in file if line.startswith("VmHWM"))
    except OSError:
        return 0


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
