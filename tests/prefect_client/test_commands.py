"""Every command of the real client that has to do with a server, one after the other."""

import re
import shlex

import pytest

from tests.prefect_client.client import PrefectClient

pytestmark = pytest.mark.slow

# In order; {run} and {schedule} are ids that a command before has told. `!` before a command that
# must fail with 1, as Prefect's own does.
COMMANDS = """
version
config view
automation create --from-file automations.yaml
automation create --from-json '{"name": "second", "trigger": {"type": "event", "posture": "Reactive", "expect": ["x"]}, "actions": [{"type": "do-nothing"}]}'
automation ls
automation inspect commanded
automation inspect commanded --json
automation inspect commanded --yaml
automation pause commanded
automation resume commanded
! automation inspect none
--no-prompt automation delete second
--no-prompt automation delete commanded
event emit e.x --resource-id r.1
event emit e.y --resource '{"prefect.resource.id": "r.2"}' --payload '{"a": 1}'
deployment ls
deployment ls --by-created
deployment inspect greet/here
deployment run greet/here --param name=y
deployment run greet/here --params '{"name": "z"}'
deployment run greet/here --start-in '1 hour'
deployment run greet/here --start-at 'tomorrow 3pm'
--no-prompt deployment schedule create greet/here --interval 3600
--no-prompt deployment schedule create greet/here --cron '0 2 * * *' --timezone Europe/Berlin
--no-prompt deployment schedule create greet/here --rrule FREQ=DAILY
deployment schedule ls greet/here
deployment schedule pause greet/here {schedule}
deployment schedule resume greet/here {schedule}
--no-prompt deployment schedule delete greet/here {schedule} -y
--no-prompt deployment schedule clear greet/here -y
! deployment delete greet/none
flow ls
flow-run ls
flow-run ls --state SCHEDULED
flow-run ls --state Late
flow-run ls --flow-name greet
flow-run ls --limit 2
flow-run inspect {run}
flow-run logs {run}
flow-run logs {run} --tail
flow-run logs {run} --reverse
flow-run cancel {run}
flow-run retry {run}
--no-prompt flow-run delete {run}
! flow-run delete 00000000-0000-4000-8000-000000000000
task-run ls
--no-prompt work-pool create commands-pool --type process
work-pool ls
work-pool inspect commands-pool
work-pool update commands-pool --description x
work-pool pause commands-pool
work-pool resume commands-pool
work-pool set-concurrency-limit commands-pool 3
work-pool clear-concurrency-limit commands-pool
work-pool get-default-base-job-template --type process
work-pool preview commands-pool
work-pool slots commands-pool
work-queue create q1 --pool commands-pool
work-queue ls
work-queue ls --pool commands-pool
work-queue inspect q1 --pool commands-pool
work-queue pause q1 --pool commands-pool
work-queue resume q1 --pool commands-pool
work-queue set-concurrency-limit q1 2 --pool commands-pool
work-queue clear-concurrency-limit q1 --pool commands-pool
work-queue preview q1 --pool commands-pool
work-queue read-runs q1 --pool commands-pool
work-queue slots q1 -p commands-pool
--no-prompt work-queue delete q1 --pool commands-pool
work-queue create lone
--no-prompt deploy --all
--no-prompt deploy -n from-file --cron '0 3 * * *'
--no-prompt deployment delete greet/from-file
worker start --pool commands-pool --run-once
worker start --pool fresh-pool --type process --run-once
variable set v1 1 --overwrite
variable get v1
variable inspect v1
variable ls
--no-prompt variable unset v1
block type ls
block register -m prefect.blocks.system
block ls
artifact ls
concurrency-limit create scarce-tag 2
concurrency-limit ls
concurrency-limit inspect scarce-tag
concurrency-limit reset scarce-tag
concurrency-limit delete scarce-tag
global-concurrency-limit create g1 --limit 3
global-concurrency-limit ls
gcl inspect g1
gcl update g1 --limit 4
gcl disable g1
gcl enable g1
--no-prompt gcl delete g1
--no-prompt work-pool delete commands-pool
--no-prompt work-pool delete fresh-pool
--no-prompt deployment delete greet/here
"""  # noqa: E501  # a command is one line
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TELLS = {"deployment schedule ls greet/here": "schedule", "flow-run ls": "run"}


def test_every_command_does_what_it_does_with_prefects_server(prefect: PrefectClient) -> None:
    folder = prefect.folder / "commands"
    assert prefect.script(folder / "greeting.py").code == 0
    ids: dict[str, str] = {}
    failed = []

    for line in COMMANDS.strip().splitlines():
        command = line.removeprefix("! ")
        for name, known in ids.items():
            command = command.replace("{" + name + "}", known)
        done = prefect.cli(*shlex.split(command), cwd=folder)
        if done.code != (1 if line.startswith("! ") else 0):
            failed.append(f"{command}: {done.code}\n{done.output[-500:]}")
        if line in TELLS:
            ids[TELLS[line]] = ID.findall(done.output)[0]

    assert failed == [], "\n".join(failed)


def test_every_call_of_the_client_is_answered(prefect: PrefectClient) -> None:
    done = prefect.script(prefect.folder / "calls.py")

    assert "all calls answered" in done.output, done.output
