"""The types of work pools that clients offer when a pool is made. Pure.

Source: the `process` type as Prefect 3.9.1 describes it (recorded answer of
`/collections/views/aggregate-worker-metadata`), and Flint's own.
"""

from typing import Any


def _property(title: str, description: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "description": description, **more}


_PROCESS_VARIABLES: dict[str, Any] = {
    "type": "object",
    "properties": {
        "name": _property(
            "Name", "Name given to infrastructure created by a worker.", type="string"
        ),
        "env": _property(
            "Environment Variables",
            "Environment variables to set when starting a flow run.",
            type="object",
            additionalProperties={"type": "string"},
        ),
        "labels": _property(
            "Labels",
            "Labels applied to infrastructure created by a worker.",
            type="object",
            additionalProperties={"type": "string"},
        ),
        "command": _property(
            "Command",
            "The command to use when starting a flow run. Usually left blank.",
            type="string",
        ),
        "stream_output": _property(
            "Stream Output",
            "Whether the worker streams the output of flow run processes to its console.",
            type="boolean",
            default=True,
        ),
        "working_dir": _property(
            "Working Directory",
            "Where the worker opens processes; a temporary folder when it is not given.",
            type="string",
            format="path",
        ),
    },
}
_PROCESS_JOB: dict[str, Any] = {
    name: "{{ " + name + " }}"
    for name in ("command", "env", "labels", "name", "stream_output", "working_dir")
}
PREFECT_TYPES: dict[str, Any] = {
    "prefect": {
        "process": {
            "type": "process",
            "display_name": "Process",
            "description": "Execute flow runs as processes on a worker.",
            "documentation_url": "",
            "install_command": "pip install prefect",
            "is_beta": False,
            "logo_url": "",
            "default_base_job_configuration": {
                "job_configuration": _PROCESS_JOB,
                "variables": _PROCESS_VARIABLES,
            },
        }
    },
    "flint": {
        "flint": {
            "type": "flint",
            "display_name": "Flint",
            "description": "Flint executes flow runs itself, without a worker.",
            "documentation_url": "",
            "install_command": "",
            "is_beta": False,
            "logo_url": "",
            "default_base_job_configuration": {
                "job_configuration": {},
                "variables": {"type": "object", "properties": {}},
            },
        }
    },
}
