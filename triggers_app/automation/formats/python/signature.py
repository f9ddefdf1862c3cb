"""What a flow's source says about it, read without running it: name, text, parameters."""

import ast
from dataclasses import dataclass
from typing import Any

from runs_app.domain.flow_functions import Function, NoSuchFunction, find_function

__all__ = ["NoSuchFunction", "Signature", "read_signature"]

Schema = dict[str, Any]

_SIMPLE: dict[str, Schema] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "dict": {"type": "object", "additionalProperties": True},
    "list": {"type": "array", "items": {}},
    "set": {"type": "array", "items": {}, "uniqueItems": True},
    "tuple": {"type": "array", "items": {}},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "time": {"type": "string", "format": "time"},
    "timedelta": {"type": "string", "format": "duration"},
    "UUID": {"type": "string", "format": "uuid"},
    "Path": {"type": "string", "format": "path"},
    "Decimal": {"anyOf": [{"type": "number"}, {"type": "string"}]},
}
_ALIASES = {
    "Dict": "dict",
    "Mapping": "dict",
    "MutableMapping": "dict",
    "List": "list",
    "Sequence": "list",
    "Iterable": "list",
    "Set": "set",
    "FrozenSet": "set",
    "frozenset": "set",
    "Tuple": "tuple",
}


@dataclass(frozen=True, slots=True)
class Signature:
    """`flow_name` is what Prefect would call the flow; `schema` describes its parameters.

    `unread` names the parameters whose annotation says nothing here; they take any value.
    """

    flow_name: str
    description: str | None
    schema: Schema
    unread: list[str]


def read_signature(source: str, function: str) -> Signature:
    """Raises NoSuchFunction."""
    flow_function = find_function(source, function)
    node = flow_function.function
    said = _flow_arguments(node)
    for options in flow_function.options:
        said |= _texts(options)
    properties: dict[str, Schema] = {}
    required, unread = [], []
    for position, (argument, default) in enumerate(_parameters(node, method=flow_function.method)):
        schema = _schema(argument.annotation) if argument.annotation else {}
        if schema is None:
            schema = {}
            unread.append(argument.arg)
        properties[argument.arg] = {**schema, "title": argument.arg, "position": position}
        if default is None:
            required.append(argument.arg)
        else:
            properties[argument.arg] |= _default(default)
    described: Schema = {"title": "Parameters", "type": "object", "properties": properties}
    if required:
        described["required"] = required
    if node.args.kwarg is not None:
        described["additionalProperties"] = True
    name = said.get("name") or node.name.replace("_", "-")
    text = said.get("description") or ast.get_docstring(node)
    return Signature(name, text, described, unread)


def _flow_arguments(node: Function) -> dict[str, str]:
    """Literal texts among the arguments of `@flow(...)`."""
    for decorator in node.decorator_list:
        if isinstance(decorator, ast.Call) and _last_name(decorator.func) == "flow":
            return _texts(decorator)
    return {}


def _texts(call: ast.Call) -> dict[str, str]:
    return {
        keyword.arg: keyword.value.value
        for keyword in call.keywords
        if keyword.arg
        and isinstance(keyword.value, ast.Constant)
        and isinstance(keyword.value.value, str)
    }


def _parameters(node: Function, *, method: bool) -> list[tuple[ast.arg, ast.expr | None]]:
    arguments = node.args
    plain = [*arguments.posonlyargs, *arguments.args]
    missing: list[ast.expr | None] = [None] * (len(plain) - len(arguments.defaults))
    pairs = list(zip(plain, [*missing, *arguments.defaults], strict=True))
    if method and not _is_static(node):
        pairs = pairs[1:]  # the object or class that it belongs to
    return pairs + list(zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True))


def _is_static(node: Function) -> bool:
    return any(_last_name(decorator) == "staticmethod" for decorator in node.decorator_list)


def _default(node: ast.expr) -> Schema:
    """The default where it is a plain literal that JSON can hold."""
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return {}
    return {"default": value} if _is_json(value) else {}


def _is_json(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and _is_json(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_json, value))
    return value is None or isinstance(value, str | bool | int | float)


def _schema(node: ast.expr) -> Schema | None:
    """The schema of an annotation; None where it is not understood."""
    if isinstance(node, ast.Constant):
        return _schema_of_constant(node)
    if isinstance(node, ast.Name | ast.Attribute):
        name = _last_name(node)
        return {} if name == "Any" else _copy(_SIMPLE.get(_ALIASES.get(name, name)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _union([node.left, node.right])
    if isinstance(node, ast.Subscript):
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        return _generic(_last_name(node.value), inner)
    return None


def _schema_of_constant(node: ast.Constant) -> Schema | None:
    if node.value is None:
        return {"type": "null"}
    if not isinstance(node.value, str):
        return None
    try:
        return _schema(ast.parse(node.value, mode="eval").body)
    except (SyntaxError, ValueError, RecursionError):
        return None


def _generic(name: str, inner: list[ast.expr]) -> Schema | None:
    kind = _ALIASES.get(name, name)
    if name == "Optional":
        return _union([*inner, ast.Constant(None)])
    if name == "Union":
        return _union(inner)
    if name == "Annotated":
        return _schema(inner[0])
    if name == "Literal":
        values = [part.value for part in inner if isinstance(part, ast.Constant)]
        return {"enum": values} if len(values) == len(inner) and _is_json(values) else None
    if kind == "dict" and len(inner) == 2:
        return {"type": "object", "additionalProperties": _schema(inner[1]) or True}
    if kind in ("list", "set") and len(inner) == 1:
        return {**_SIMPLE[kind], "items": _schema(inner[0]) or {}}
    return _copy(_SIMPLE.get(kind))


def _union(parts: list[ast.expr]) -> Schema | None:
    schemas: list[Schema] = []
    for part in parts:
        schema = _schema(part)
        if not schema:
            return schema
        schemas += schema["anyOf"] if set(schema) == {"anyOf"} else [schema]
    return {"anyOf": schemas}


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _copy(schema: Schema | None) -> Schema | None:
    return None if schema is None else dict(schema)
