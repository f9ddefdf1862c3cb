"""What a prefect.yaml asks for, checked as far as it can be without writing anything."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from project.lib.problems import Loc, Problem
from runs_app.domain.entrypoint import BadEntrypoint, Entrypoint
from runs_app.domain.plain_names import name_problem
from triggers_app.automation.formats.deployment_entry import DeploymentEntry
from triggers_app.automation.formats.prefect_yaml.placeholders import Placeholders
from triggers_app.automation.formats.prefect_yaml.read import (
    EntryReading,
    PrefectFile,
    trigger_problems,
    unknown_of_triggers,
    unless_at,
)
from triggers_app.automation.formats.prefect_yaml.trigger_options import is_path, read_triggers
from triggers_app.automation.formats.python.signature import (
    NoSuchFunction,
    Signature,
    read_signature,
)
from triggers_app.automation.formats.yaml.source import InvalidSource, Located, YamlSource
from triggers_app.automation.unknown_parameters import unknown_parameters

MAX_FILE_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class DeployPlan:
    """A deployment that was checked. Its triggers stand at `triggers_loc` of their own source."""

    loc: Loc
    deployment: DeploymentEntry
    signature: Signature
    triggers: list[Any]
    triggers_source: YamlSource
    triggers_loc: Loc

    @property
    def flow_name(self) -> str:
        return self.deployment.flow_name or self.signature.flow_name

    @property
    def name(self) -> str:
        return f"{self.flow_name}/{self.deployment.name}"


def text_of(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise _failed(str(path), f"The file is larger than {MAX_FILE_BYTES:,} bytes.")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _failed(str(path), f"The file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise _failed(str(path), "The file is not UTF-8 text.") from None


def _failed(source: str, message: str) -> InvalidSource:
    return InvalidSource([Located(source, None, Problem((), message))])


def plans(
    file: PrefectFile,
    root: Path,
    names: Set[str] | None,
    trigger_options: Sequence[str],
    notes: list[str],
    environment: Mapping[str, str],
) -> list[DeployPlan]:
    """What to deploy, checked as far as it can be without writing. Raises InvalidSource."""
    problems = list(file.problems)
    chosen = _chosen(file, names, problems)
    flags, flag_problems = _flagged(trigger_options, environment, notes)
    problems += flag_problems
    if trigger_options and len(chosen) > 1:
        message = "--trigger goes with one deployment; name it with -n."
        problems.append(Located("--trigger", None, Problem((), message)))
    made: list[DeployPlan] = []
    for entry in chosen:
        signature = _signature(entry, root, file.source, problems)
        if signature is None:
            continue
        triggers, source, loc = flags or (
            entry.deployment.triggers or [],
            file.source,
            (*entry.loc, "triggers"),
        )
        plan = DeployPlan(entry.loc, entry.deployment, signature, triggers, source, loc)
        if names is not None and names.isdisjoint({plan.name, plan.deployment.name}):
            continue  # `-n other-flow/same-name`
        made.append(plan)
        problems += _refused_name(plan, file.source)
        slips, unknown = _unknown_parameters(plan, file.source)
        problems += slips
        notes += map(str, unknown)
        notes += [
            str(Located(str(root / entry.deployment.entrypoint), None, Problem((name,), _UNREAD)))
            for name in signature.unread
        ]
    problems += _duplicates(made, file.source)
    if problems:
        raise InvalidSource(problems)
    return made


_UNREAD = "the annotation of this parameter says nothing here, so it takes any value."


def _chosen(
    file: PrefectFile, names: Set[str] | None, problems: list[Located]
) -> list[EntryReading]:
    if names is None:
        return file.entries
    plain = {name.rpartition("/")[2] for name in names}
    chosen = [entry for entry in file.entries if entry.deployment.name in plain]
    missing = sorted(plain - {entry.deployment.name for entry in chosen})
    known = ", ".join(entry.deployment.name for entry in file.entries) or "none"
    if not file.problems:
        absent = [f"There is no deployment `{name}`; there is: {known}." for name in missing]
        problems += file.source.located([Problem(("deployments",), text) for text in absent])
    return chosen


Flags = tuple[list[Any], YamlSource, Loc]


def _flagged(
    options: Sequence[str], environment: Mapping[str, str], notes: list[str]
) -> tuple[Flags | None, list[Located]]:
    """The triggers of all `--trigger` options together."""
    triggers: list[Any] = []
    problems: list[Located] = []
    source = YamlSource("--trigger", None)
    loc: Loc = ()
    for option in options:
        try:
            in_file = is_path(option) or _is_file(option)
            name = option if in_file else "--trigger"
            text = text_of(Path(option)) if in_file else option
            source, loc, written = read_triggers(text, name=name)
            resolving = Placeholders(environment)
            resolved = resolving.of_triggers(written, loc)
            wrong = trigger_problems({"triggers": resolved})
            placed = [each.below(loc) for each in wrong]
            slips, unknown = unknown_of_triggers(resolved, loc)
            problems += source.located(
                [*unless_at([*placed, *slips], resolving.problems), *resolving.problems]
            )
            notes += map(str, source.located([*resolving.notes, *unknown]))
            triggers += resolved
        except InvalidSource as error:
            problems += error.problems
    if len(options) > 1:
        source, loc = YamlSource("--trigger", None), ()
    return ((triggers, source, loc) if options else None), problems


def _is_file(option: str) -> bool:
    """A path without an extension counts as one where there is such a file."""
    try:
        return not option.lstrip().startswith(("{", "[")) and Path(option).is_file()
    except (OSError, ValueError):
        return False


def _signature(
    entry: EntryReading, root: Path, source: YamlSource, problems: list[Located]
) -> Signature | None:
    """What the entrypoint's source says; None, and a problem, where there is none."""
    written = entry.deployment.entrypoint
    try:
        entrypoint = Entrypoint.parse(written)
        path = (root / entrypoint.path).resolve()
        if not path.is_relative_to(root):
            raise BadEntrypoint(f"{written!r} lies outside of {root}, the folder of this file.")
        if not path.is_file():
            raise BadEntrypoint(f"There is no file {path}.")
        return read_signature(path.read_text(encoding="utf-8"), entrypoint.function)
    except NoSuchFunction as error:
        message = f"{written!r} cannot be run: {error}."
    except (BadEntrypoint, OSError, UnicodeDecodeError) as error:
        message = str(error)
    problem = Problem((*entry.loc, "entrypoint"), message)
    problems += source.located([problem])
    return None


def _refused_name(plan: DeployPlan, source: YamlSource) -> list[Located]:
    """The name of its flow, which the source of the entrypoint may give."""
    problem = None if plan.deployment.flow_name else name_problem(plan.flow_name)
    if problem is None:
        return []
    message = f"The flow is called `{plan.flow_name}`. {problem} Give it a `flow_name`."
    return source.located([Problem((*plan.loc, "entrypoint"), message)])


def _unknown_parameters(
    plan: DeployPlan, source: YamlSource
) -> tuple[list[Located], list[Located]]:
    """Parameters that the flow does not take: those that look like its own, and the others."""
    of = f"`{plan.flow_name}`"
    given = [(source, (*plan.loc, "parameters"), plan.deployment.parameters)]
    given += [
        (plan.triggers_source, (*plan.triggers_loc, index, "parameters"), trigger["parameters"])
        for index, trigger in enumerate(plan.triggers)
        if isinstance(trigger, dict) and "parameters" in trigger
    ]
    slips, unknown = list[Located](), list[Located]()
    for where, loc, parameters in given:
        for each in unknown_parameters(parameters, plan.signature.schema, loc=loc, of=of):
            problem = Problem(each.loc, each.sentence, "unknown_key")
            (slips if each.meant else unknown).extend(where.located([problem]))
    return slips, unknown


def _duplicates(plans: Sequence[DeployPlan], source: YamlSource) -> list[Located]:
    seen: set[str] = set()
    duplicates = []
    for plan in plans:
        if plan.name in seen:
            duplicates.append(Problem((*plan.loc, "name"), f"`{plan.name}` is deployed twice."))
        seen.add(plan.name)
    return source.located(duplicates)
