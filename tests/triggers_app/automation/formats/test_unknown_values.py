"""What only Terraform or a running program knows stays unfinished, in every field of a draft."""

import json
from textwrap import dedent
from typing import Any

import pytest

from project.lib.problems import Invalid, Loc
from triggers_app.automation.deployment_triggers import with_defaults
from triggers_app.automation.formats.prefect_yaml import block as deployment_block
from triggers_app.automation.formats.python import read as python_source
from triggers_app.automation.formats.reading import Reading
from triggers_app.automation.formats.terraform import read as terraform_hcl
from triggers_app.automation.parsing import parse_automation
from triggers_app.automation.unknown_values import UNKNOWN, unknown_places

ID = "0195a6b4-0000-7000-8000-000000000000"

# Expressions that only Terraform knows, whatever type the place has.
TERRAFORM = [
    "local.it",
    "var.it",
    "data.external.x.result",
    '"${var.prefix}.created"',
    '"a %{ if var.x }b%{ endif }"',
    'format("%s.x", var.it)',
    "concat(local.a, [])",
    "merge({}, local.b)",
    "jsondecode(local.c)",
    "jsonencode(local.d)",
    'var.prod ? "a" : "b"',
    'local.a[0]',
    "local.list[*].name",
    '[for n in local.names : "${n}.x"]',
    '{ for k, v in local.m : k => v }',
    "1 + var.n",
    "!var.on",
    "-var.n",
    "prefect_flow.x.id",
    "each.value",
    "count.index",
    "<<-EOT\n  ${var.x}\nEOT\n",
    "(local.it)",
]  # fmt: skip
EVENT_FIELDS = (
    "posture", "match", "match_related", "after", "expect", "for_each", "threshold", "within",
)  # fmt: skip


def terraform(trigger: str = "", actions: str = "", rest: str = "") -> Reading:
    trigger = trigger or 'event = { posture = "Reactive" }'
    actions = actions or 'type = "do-nothing"'
    return terraform_hcl.read(
        f'resource "prefect_automation" "x" {{\n  name = "n"\n{rest}\n'
        f"  trigger = {{\n{trigger}\n}}\n  actions = [{{\n{actions}\n}}]\n}}\n"
    )


def is_unfinished(reading: Reading, loc: Loc) -> None:
    """The place is kept, named where it stands in the text, and no automation has it."""
    document = reading.document
    assert document is not None, reading.diagnostics
    found = [place for place, _ in unknown_places(document)]
    assert loc in [place[:-1] if place[-1:] == (UNKNOWN,) else place for place in found], document
    with pytest.raises(Invalid) as refusal:
        parse_automation(document)
    told = [problem for problem in refusal.value.problems if problem.type == "unfinished"]
    assert [problem.loc for problem in told] == found
    assert all("unfinished" in problem.msg for problem in told)
    assert [said for said in reading.errors if said.loc is not None and said.span.line > 1]


@pytest.mark.parametrize("text", TERRAFORM)
def test_no_expression_of_terraform_becomes_a_value(text: str) -> None:
    reading = terraform(f'event = {{\n posture = "Reactive"\n expect = {text}\n}}')

    is_unfinished(reading, ("trigger", "expect"))


IN_TERRAFORM: dict[str, tuple[dict[str, str], Loc]] = {
    **{
        field: ({"trigger": f"event = {{\n {field} = local.it\n}}"}, ("trigger", field))
        for field in EVENT_FIELDS
    },
    "one of several names": (
        {"trigger": 'event = {\n posture = "Reactive"\n expect = ["a", local.it]\n}'},
        ("trigger", "expect", 1),
    ),
    "one of several labels": (
        {"trigger": 'event = {\n posture = "Reactive"\n match = { a = "b", c = local.it }\n}'},
        ("trigger", "match", "c"),
    ),
    "one of several values": (
        {"trigger": 'event = {\n posture = "Reactive"\n match = { a = ["b", local.it] }\n}'},
        ("trigger", "match", "a", 1),
    ),
    "the name of a label": (
        {"trigger": 'event = {\n posture = "Reactive"\n match = { (local.it) = "b", c = "d" }\n}'},
        ("trigger", "match"),
    ),
    "a label that ends like an id": (
        {"trigger": 'event = {\n match = { customer_id = prefect_flow.x.id }\n}'},
        ("trigger", "match", "customer_id"),
    ),
    "one of several related": (
        {"trigger": 'event = {\n match_related = [{ a = "b" }, { c = local.it }]\n}'},
        ("trigger", "match_related", 1, "c"),
    ),
    "a text of JSON": (
        {"trigger": 'event = {\n posture = "Reactive"\n match = "{\\"a\\": ${local.it}}"\n}'},
        ("trigger", "match"),
    ),
    "no JSON": (
        {"trigger": 'event = {\n posture = "Reactive"\n match = "a=b"\n}'}, ("trigger", "match"),
    ),
    "the trigger's own kind": ({"trigger": "event = local.it"}, ("trigger",)),
    **{
        f"{field} of a group": (
            {"trigger": f"compound = {{\n {field} = local.it\n}}"}, ("trigger", field)
        )
        for field in ("require", "within", "triggers")
    },
    "a part of a sequence": (
        {"trigger": "sequence = {\n triggers = [local.it]\n}"}, ("trigger", "triggers", 0)
    ),
    "a field of a part": (
        {"trigger": "sequence = {\n triggers = [{ event = { expect = local.it } }]\n}"},
        ("trigger", "triggers", 0, "expect"),
    ),
    "a metric": ({"trigger": "metric = {\n metric = local.it\n}"}, ("trigger", "metric")),
    **{
        f"{field} of a metric": (
            {"trigger": f"metric = {{\n metric = {{\n {field} = local.it\n}}\n}}"},
            ("trigger", "metric", field),
        )
        for field in ("name", "operator", "threshold", "range", "firing_for")
    },
    **{
        f"{field} of an action": ({"actions": f"{field} = local.it"}, ("actions", 0, field))
        for field in (
            "type", "source", "deployment_id", "work_pool_id", "work_queue_id", "automation_id",
            "block_document_id", "parameters", "job_variables", "state", "name", "message",
            "subject", "body", "payload", "schedule_after",
        )
    },
    "one parameter": (
        {"actions": "parameters = jsonencode({ deployment_id = prefect_deployment.x.id })"},
        ("actions", 0, "parameters", "deployment_id"),
    ),
    **{
        field: ({"rest": f"{field} = local.it"}, (field,))
        for field in (
            "name", "description", "enabled", "actions_on_trigger", "actions_on_resolve", "tags"
        )
    },
    "an action on trigger": (
        {"rest": "actions_on_trigger = [local.it]"}, ("actions_on_trigger", 0)
    ),
    "a dynamic block": (
        {"rest": 'dynamic "actions_on_trigger" {\n for_each = local.it\n content {}\n}'},
        ("actions_on_trigger",),
    ),
    "a block": ({"rest": 'actions_on_trigger {\n type = "x"\n}'}, ("actions_on_trigger",)),
}  # fmt: skip


@pytest.mark.parametrize(("parts", "loc"), IN_TERRAFORM.values(), ids=IN_TERRAFORM)
def test_no_field_of_terraform_becomes_empty(parts: dict[str, str], loc: Loc) -> None:
    reading = terraform(**parts)

    is_unfinished(reading, loc)


def test_the_whole_trigger_and_all_actions_of_a_resource_may_be_unknown() -> None:
    reading = terraform_hcl.read(
        'resource "prefect_automation" "x" {\n  name = "n"\n'
        "  trigger = local.trigger\n  actions = local.actions\n}\n"
    )

    is_unfinished(reading, ("trigger",))
    is_unfinished(reading, ("actions",))


# Expressions that only the running program knows.
PYTHON = [
    "it", "f'{it}.x'", "'a' + it", "'%s' % it", "'{}'.format(it)", "make()", "ns.it", "it[0]",
    "[n for n in it]", "{n for n in it}", "{**it}", "[*it]", "a if it else b", "lambda: 1",
    "os.environ['X']", "not it", "-it", "await it", "(yield)", "it or 'x'", "a == b", "...",
    "b'x'", "list('ab')", "set(it)", "dict(it)", "dict(**it)", "UUID()", "timedelta(**it)",
    "Variable.get('x')", "(it := 'x')",
]  # fmt: skip


def python(arguments: str, before: str = "") -> Reading:
    return python_source.read(f"pass\n{before}\nt = DeploymentEventTrigger({arguments})\n")


@pytest.mark.parametrize("text", PYTHON)
def test_no_expression_of_python_becomes_a_value(text: str) -> None:
    reading = python(f"expect={text}")

    document = reading.document
    assert document is not None and document["trigger"]["expect"] != []
    found = [place for place, _ in unknown_places(document)]
    assert found and all(place[:2] == ("trigger", "expect") for place in found)
    assert reading.errors
    with pytest.raises(Invalid):
        parse_automation(document)


IN_PYTHON: dict[str, tuple[str, Loc]] = {
    **{f: (f"DeploymentEventTrigger({f}=it)", ("trigger", f)) for f in EVENT_FIELDS},
    **{
        f: (f"DeploymentEventTrigger({f}=it)", (f,)) for f in ("name", "description", "enabled")
    },
    **{
        f: (f"DeploymentEventTrigger({f}=it)", ("actions", 0, f))
        for f in ("parameters", "job_variables", "schedule_after")
    },
    "one of several names": (
        "DeploymentEventTrigger(expect={'a', it})", ("trigger", "expect", 1)
    ),
    "a label": ("DeploymentEventTrigger(match={'a': it})", ("trigger", "match", "a")),
    "a label's name": ("DeploymentEventTrigger(match={it: 'a'})", ("trigger", "match")),
    "further labels": ("DeploymentEventTrigger(match={**it, 'a': 'b'})", ("trigger", "match")),
    "a specification": (
        "DeploymentEventTrigger(match=ResourceSpecification(**it))", ("trigger", "match")
    ),
    "further arguments": ("DeploymentEventTrigger(**it)", ("trigger",)),
    "a positional argument": ("DeploymentEventTrigger(it)", ("trigger",)),
    "require": ("DeploymentCompoundTrigger(require=it)", ("trigger", "require")),
    "within of a group": ("DeploymentSequenceTrigger(within=it)", ("trigger", "within")),
    "parts": ("DeploymentCompoundTrigger(triggers=it)", ("trigger", "triggers")),
    "a part": ("DeploymentCompoundTrigger(triggers=[it])", ("trigger", "triggers", 0)),
    "a field of a part": (
        "DeploymentSequenceTrigger(triggers=[EventTrigger(expect=it)])",
        ("trigger", "triggers", 0, "expect"),
    ),
    "a metric": ("DeploymentMetricTrigger(metric=it)", ("trigger", "metric")),
    "a threshold": (
        "DeploymentMetricTrigger(metric=MetricTriggerQuery(threshold=it))",
        ("trigger", "metric", "threshold"),
    ),
    "a trigger among those of a deployment": ("f.serve(triggers=[make()])", ("trigger",)),
    **{
        f"{f} of an automation": (f"Automation({f}=it)", (f,))
        for f in (
            "name", "description", "enabled", "tags", "trigger", "actions", "actions_on_trigger"
        )
    },
    "an action": ("Automation(actions=[it])", ("actions", 0)),
    "a field of an action": (
        "Automation(actions=[RunDeployment(parameters=it)])", ("actions", 0, "parameters")
    ),
    "further actions": ("Automation(actions=[*it])", ("actions", 0)),
    "a state": (
        "Automation(actions=[ChangeFlowRunState(state=it)])", ("actions", 0, "state")
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "loc"), IN_PYTHON.values(), ids=IN_PYTHON)
def test_no_field_of_python_becomes_empty(text: str, loc: Loc) -> None:
    is_unfinished(python_source.read(f"pass\nx = {text}\n"), loc)


# Ways in which a name that was assigned a literal may have another value.
REBOUND = {
    "a parameter": "it = ['a']\ndef build(it): ...",
    "a loop": "it = ['a']\nfor it in them: ...",
    "an import": "it = ['a']\nfrom here import it",
    "another name": "it = ['a']\nfrom here import x as it",
    "a tuple": "it = ['a']\nit, b = make()",
    "with": "it = ['a']\nwith open() as it: ...",
    "except": "it = ['a']\ntry: ...\nexcept E as it: ...",
    "a comprehension": "it = ['a']\n[x for it in them]",
    "an expression": "it = ['a']\nif (it := make()): ...",
    "added to": "it = ['a']\nit += ['b']",
    "appended to": "it = ['a']\nit.append(b)",
    "changed before it is assigned": "def more(): it.append(b)\nit = ['a']",
    "an item": "it = ['a']\nit[0] = b",
    "deleted": "it = ['a']\ndel it",
    "an attribute": "it = ['a']\nit.x = b",
    "a pattern": "it = ['a']\nmatch x:\n    case [it]: ...",
    "assigned twice": "it = ['a']\nit = ['b']",
    "a function": "it = ['a']\ndef it(): ...",
}


@pytest.mark.parametrize("before", REBOUND.values(), ids=REBOUND)
def test_a_name_that_may_have_another_value_is_not_known(before: str) -> None:
    is_unfinished(python("expect=it", before), ("trigger", "expect"))


KNOWN = {
    "assigned once": ("it = ['a']", "expect=it", ["a"]),
    "annotated": ("it: list[str] = ['a']", "expect=it", ["a"]),
    "declared before": ("it: list[str]\nit = ['a']", "expect=it", ["a"]),
    "an f-string of nothing": ("", "expect=[f'a']", ["a"]),
    "a number as a text": ("", "expect=[str(5)]", ["5"]),
}


@pytest.mark.parametrize(("before", "arguments", "value"), KNOWN.values(), ids=KNOWN)
def test_what_is_written_is_known(before: str, arguments: str, value: Any) -> None:
    reading = python(arguments, before)

    assert not reading.errors
    assert reading.document is not None and reading.document["trigger"]["expect"] == value


def test_defaults_make_no_value_of_what_is_not_known() -> None:
    assert with_defaults({UNKNOWN: "it"}) == {UNKNOWN: "it"}


PLACEHOLDERS: dict[str, tuple[str, Loc]] = {
    "expect": ("expect: ['{{ $NOPE }}']", ("trigger", "expect", 0)),
    "enabled": ("enabled: '{{ prefect.variables.is_prod }}'", ("enabled",)),
    "match": ("match: {a: 'b.{{ x }}'}", ("trigger", "match", "a")),
    "within": ("within: '{{ x }}'", ("trigger", "within")),
    "schedule_after": ("schedule_after: '{{ x }}'", ("actions", 0, "schedule_after")),
}


@pytest.mark.parametrize(("text", "loc"), PLACEHOLDERS.values(), ids=PLACEHOLDERS)
def test_a_placeholder_of_a_pasted_prefect_yaml_is_unfinished(text: str, loc: Loc) -> None:
    pasted = dedent(
        f"""
        deployments:
          - name: d
            triggers:
              - {text}
                parameters: {{a: "{{{{ event.id }}}}"}}
        """
    )

    reading = deployment_block.read(pasted)

    is_unfinished(reading, loc)
    assert reading.document is not None
    assert reading.document["actions"][0]["parameters"] == {"a": "{{ event.id }}"}


@pytest.mark.parametrize(
    "match",
    [
        "local.labels",
        "{ for k, v in local.m : k => v }",
        '{ (local.key) = "a" }',
        "merge(local.a, {})",
    ],
)
def test_an_object_that_is_not_known_is_told_once(match: str) -> None:
    text = (
        'resource "prefect_automation" "a" {\n  name = "x"\n  trigger = { event = {\n'
        f'    posture = "Reactive", expect = ["a"], match = {match}\n  }} }}\n  actions = []\n}}\n'
    )

    [told] = terraform_hcl.read(text).errors

    assert (told.code, told.line) == ("not_literal", 4)


@pytest.mark.parametrize("values", ["{{ event.id }}", ["{{ event.id }}"], ["a", "{{ x }}"]])
@pytest.mark.parametrize("field", ["match", "match_related"])
def test_one_of_several_values_that_is_not_known_is_told_once(field: str, values: Any) -> None:
    trigger = {"posture": "Reactive", field: {"prefect.resource.id": values}}

    reading = deployment_block.read(json.dumps([trigger]))

    assert [error.code for error in reading.errors] == ["not_literal"]
