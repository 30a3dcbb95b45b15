"""Which worker gets which tests."""

from itertools import chain
from types import SimpleNamespace

import pytest

from ops import ROOT
from tests.conftest import STACKS, ByStack

E2E = [
    "tests/e2e/agents/test_a.py::test_a",
    "tests/e2e/faults/test_a.py::test_a",
    "tests/e2e/faults/test_b.py::test_b",
    "tests/e2e/platforms/test_a.py::test_a",
    "tests/e2e/test_local_run.py::test_a",
]
OTHERS = [f"tests/unit/test_{name}.py::test_{number}" for name in "abc" for number in range(4)]


class Worker:
    """What the schedule knows of a worker; `given` are the tests that it was sent."""

    shutting_down = False

    def __init__(self, tests):
        self.gateway = SimpleNamespace(id="gw")
        self.tests = tests
        self.given = []

    def send_runtest_some(self, places):
        self.given += [self.tests[place] for place in places]

    def shutdown(self):
        self.shutting_down = True


@pytest.fixture
def start():
    """Starts a number of workers on tests; gives the schedule and the workers."""

    def begin(number, tests):
        config = SimpleNamespace(
            option=SimpleNamespace(loadscopereorder=False),
            getvalue=lambda name: ["popen"] * number,
        )
        schedule, workers = ByStack(config), [Worker(tests) for _ in range(number)]
        for worker in workers:
            schedule.add_node(worker)
        for worker in workers:
            schedule.add_node_collection(worker, tests)
        schedule.schedule()
        return schedule, workers

    return begin


def finish(schedule, workers):
    """Let the workers run one test after another, in turn; gives what each has run."""
    done = {worker: 0 for worker in workers}
    while any(count < len(worker.given) for worker, count in done.items()):
        for worker in workers:
            if done[worker] < len(worker.given):
                schedule.mark_test_complete(worker, worker.tests.index(worker.given[done[worker]]))
                done[worker] += 1
    return [worker.given for worker in workers]


def test_a_folder_with_a_stack_is_one_worker_s_and_its_tests_follow_each_other(start):
    schedule, workers = start(3, [*E2E, *OTHERS])
    ran = finish(schedule, workers)
    assert sorted(chain.from_iterable(ran)) == sorted([*E2E, *OTHERS])
    [faults] = [each for each in ran if E2E[1] in each]
    assert faults[faults.index(E2E[1]) + 1] == E2E[2]


def test_the_longest_come_first_and_one_worker_has_no_stack(start):
    _, workers = start(3, [*E2E, *OTHERS])
    first = [worker.given[0].partition("::")[0] for worker in workers]
    assert first == [
        "tests/e2e/faults/test_a.py",
        "tests/e2e/platforms/test_a.py",
        "tests/unit/test_a.py",
    ]


def test_every_worker_has_a_stack_when_nothing_else_is_left(start):
    _, workers = start(2, [*E2E, "tests/unit/test_a.py::test_a"])
    assert all(any(test in E2E for test in worker.given) for worker in workers)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_everything_is_run_once_by_any_number_of_workers(start, number):
    schedule, workers = start(number, [*E2E, *OTHERS])
    assert sorted(chain.from_iterable(finish(schedule, workers))) == sorted([*E2E, *OTHERS])


def test_what_is_ranked_is_there():
    assert all((ROOT / each).exists() for each in STACKS)
