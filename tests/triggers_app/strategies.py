"""Documents of automations, all that are valid and some that are odd, for Hypothesis."""

from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from project.lib.json_documents import Document
from runs_app.domain.states import StateType
from triggers_app.automation.actions import ACTION_KINDS
from triggers_app.automation.triggers import METRIC_NAMES

ODD = [
    "",
    " ",
    "a",
    "yes",
    "null",
    "007",
    "1e3",
    "0x1F",
    "2024-01-31",
    "~",
    "<<",
    "*",
    "!prod-*",
    "- x",
    "# no comment",
    "a: b",
    "a #b",
    "it's",
    '"quoted"',
    "back\\slash",
    "${var.x}",
    "$${y}",
    "%{ if }",
    "{{ event.id }}",
    "{% raw %}",
    "one\ntwo\n",
    "\n\n  three\n ",
    "tab\there",
    "EOT",
    "é日本𝔘",
    "\u2028\x85\x7f\ufeff",
    "prefect.resource.id",
    "triggers",
    "'''",
]
TEXTS = st.one_of(
    st.sampled_from(ODD),
    st.text(
        st.characters(exclude_characters="\x00", exclude_categories=["Cs"]),
        max_size=12,
    ),
)
NAMES = st.one_of(
    st.sampled_from(["order.created", "order.*", "*", "prefect.flow-run.Failed"]), TEXTS
)
LABELS = st.one_of(
    st.sampled_from(["prefect.resource.id", "prefect.resource.role", "bucket", "a b"]), TEXTS
)
LISTS = st.lists(NAMES, max_size=3, unique=True)
IDS = st.integers(0, 2**128 - 1).map(lambda number: str(UUID(int=number)))
SECONDS = st.one_of(
    st.sampled_from([0, 10, 60, 90, 1800, 86400, 0.5, 10.25, 3600.0]),
    st.integers(0, 10**7),
)
SPECIFICATIONS = st.dictionaries(LABELS, st.one_of(TEXTS, st.lists(TEXTS, max_size=3)), max_size=3)
NUMBERS = st.one_of(
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), NUMBERS, TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=3)
RESOLVED_TARGETS = ("deployment", "work-queue", "work-pool", "automation")
# Keys that nobody knows.
UNKNOWN = st.dictionaries(st.sampled_from(["x_team", "note", "class", "a b"]), VALUES, max_size=1)


def optional(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Document]:
    return st.fixed_dictionaries({}, optional=fields)


@st.composite
def event_triggers(draw: st.DrawFn, for_each: list[str] | None = None) -> Document:
    proactive = draw(st.booleans())
    document = {
        "type": "event",
        "posture": "Proactive" if proactive else "Reactive",
        **draw(
            optional(
                id=st.one_of(st.none(), IDS),
                match=SPECIFICATIONS,
                match_related=SPECIFICATIONS | st.lists(SPECIFICATIONS, max_size=2),
                after=LISTS,
                expect=LISTS,
                for_each=LISTS,
                threshold=st.integers(-1, 10**6),
            )
        ),
        **draw(UNKNOWN),
    }
    if for_each is not None:
        document["for_each"] = for_each
    if draw(st.booleans()):
        document["within"] = draw(SECONDS.filter(lambda s: s >= 10) if proactive else SECONDS)
    return document


@st.composite
def metric_triggers(draw: st.DrawFn) -> Document:
    long = st.integers(300, 10**6)
    metric = {
        "name": draw(st.sampled_from(METRIC_NAMES) | TEXTS),
        "threshold": draw(st.one_of(st.integers(-5, 10**6), st.sampled_from([0.5, 1e22, -3.25]))),
        "operator": draw(st.sampled_from(["<", "<=", ">", ">="])),
        **draw(optional(range=long, firing_for=long)),
    }
    fields = optional(match=SPECIFICATIONS, match_related=SPECIFICATIONS)
    return {"type": "metric", "posture": "Metric", "metric": metric, **draw(fields)}


@st.composite
def composites(draw: st.DrawFn, depth: int) -> Document:
    keys = draw(st.sampled_from([[], [], [], ["site"]]))
    leaves = event_triggers(for_each=keys) if keys else event_triggers() | metric_triggers()
    inner = leaves if keys or depth < 2 else leaves | composites(depth - 1)
    triggers = draw(st.lists(inner, max_size=3))
    document: dict[str, Any] = {
        "type": draw(st.sampled_from(["compound", "sequence"])),
        "triggers": triggers,
        "within": draw(st.none() | SECONDS),
        **({"for_each": keys} if keys else {}),
        **draw(UNKNOWN),
    }
    if document["type"] == "compound":
        counts = st.integers(1, len(triggers)) if triggers else st.just("any")
        document["require"] = draw(st.sampled_from(["any", "all"]) | counts)
    return document


TRIGGERS = st.one_of(event_triggers(), metric_triggers(), composites(1), composites(3))


@st.composite
def actions(draw: st.DrawFn) -> Document:
    kind = draw(st.sampled_from([*ACTION_KINDS, "run-deployment", "run-deployment"]))
    document: Document = {"type": kind}
    for target in RESOLVED_TARGETS:
        if kind.endswith(f"-{target}"):
            if draw(st.booleans()):
                document |= {"source": "selected", f"{target.replace('-', '_')}_id": draw(IDS)}
            else:
                document |= {"source": "inferred"}
    if kind == "run-deployment":
        given = st.none() | OBJECTS
        document |= draw(optional(parameters=given, job_variables=given, schedule_after=SECONDS))
    elif kind == "change-flow-run-state":
        document["state"] = draw(st.sampled_from([state.value for state in StateType]))
        maybe = st.none() | TEXTS
        document |= draw(optional(name=maybe, message=maybe, force=st.booleans()))
    elif kind in ("send-notification", "call-webhook"):
        document["block_document_id"] = draw(IDS)
        document |= draw(optional(subject=TEXTS) if "send" in kind else optional(payload=TEXTS))
        document |= {"body": draw(TEXTS)} if "send" in kind else {}
    return {**document, **draw(UNKNOWN)}


ACTIONS = st.lists(actions(), max_size=3)


@st.composite
def automations(draw: st.DrawFn) -> Document:
    """Any valid automation, as somebody may write it: defaults written or left out."""
    return {
        "name": draw(TEXTS),
        "trigger": draw(TRIGGERS),
        "actions": draw(ACTIONS),
        **draw(
            optional(
                description=TEXTS,
                enabled=st.booleans(),
                tags=st.lists(TEXTS, max_size=2),
                actions_on_trigger=ACTIONS,
                actions_on_resolve=ACTIONS,
            )
        ),
    }


@st.composite
def deployment_automations(draw: st.DrawFn) -> Document:
    """Automations of the kind that a deployment's trigger stands for."""
    given = optional(parameters=OBJECTS, job_variables=OBJECTS, schedule_after=SECONDS)
    run = {"type": "run-deployment", "source": "selected", "deployment_id": draw(IDS)}
    return {
        "name": draw(TEXTS.filter(bool)),
        "enabled": draw(st.booleans()),
        "trigger": draw(TRIGGERS),
        "actions": [{**run, **draw(given)}],
    }
