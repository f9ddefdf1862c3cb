"""The types of work pools that clients offer when a pool is made. Pure.

Source: the types `process` and `docker` as Prefect 3.9.1 knows them (names and types of their
variables, in the answer of `/collections/views/aggregate-worker-metadata`), and Flint's own.
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


def _text(title: str, description: str, **more: Any) -> dict[str, Any]:
    return _property(title, description, type="string", **more)


# Written without credentials of registries: those are a block of a package that is not here.
_DOCKER_VARIABLES: dict[str, Any] = {
    "type": "object",
    "properties": {
        **{
            name: _PROCESS_VARIABLES["properties"][name]
            for name in ("name", "env", "labels", "command", "stream_output")
        },
        "image": _text("Image", "The image of the container; a Prefect image when not given."),
        "image_pull_policy": _text(
            "Image Pull Policy",
            "When the worker pulls the image.",
            enum=["IfNotPresent", "Always", "Never"],
        ),
        "networks": _property(
            "Networks",
            "Networks that the container is connected to.",
            type="array",
            items={"type": "string"},
        ),
        "network_mode": _text("Network Mode", "Such as host or bridge; not beside networks."),
        "auto_remove": _property(
            "Auto Remove", "Remove the container when it has ended.", type="boolean", default=False
        ),
        "volumes": _property(
            "Volumes",
            "Volumes to mount, each as local_path:container_path.",
            type="array",
            items={"type": "string"},
        ),
        "container_wait_timeout": _property(
            "Container Wait Timeout", "Seconds to wait for the container's end.", type="integer"
        ),
        "mem_limit": _text("Memory Limit", "Such as 512m or 2g."),
        "memswap_limit": _text("Memory Swap Limit", "Memory and swap together, such as 4g."),
        "privileged": _property(
            "Privileged", "Whether it may do everything on its host.", type="boolean", default=False
        ),
    },
}
_DOCKER_JOB: dict[str, Any] = {
    name: "{{ " + name + " }}" for name in _DOCKER_VARIABLES["properties"]
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
    "prefect-docker": {
        "docker": {
            "type": "docker",
            "display_name": "Docker",
            "description": "Execute flow runs in containers of Docker, started by a worker.",
            "documentation_url": "",
            "install_command": "pip install prefect-docker",
            "is_beta": False,
            "logo_url": "",
            "default_base_job_configuration": {
                "job_configuration": _DOCKER_JOB,
                "variables": _DOCKER_VARIABLES,
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
