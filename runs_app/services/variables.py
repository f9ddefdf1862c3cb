"""Variables: values that flows and templates read by their names."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from project.lib.json_documents import Document
from runs_app.models import Variable
from runs_app.reads import variables


class TakenName(Exception):
    """Another variable has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"A variable with the name {name!r} already exists.")


def create(name: str, value: Any, tags: list[str]) -> Document:
    """Raises TakenName."""
    try:
        with transaction.atomic():
            return variables.document_of(Variable.objects.create(name=name, value=value, tags=tags))
    except IntegrityError:
        raise TakenName(name) from None


def put(name: str, value: Any, tags: list[str]) -> None:
    """Make the variable, or give the one of that name this value."""
    Variable.objects.update_or_create(name=name, defaults={"value": value, "tags": tags})


def change(which: Q, fields: Mapping[str, Any]) -> bool:
    """False when there is no such variable. Raises TakenName."""
    try:
        with transaction.atomic():
            variable = Variable.objects.select_for_update().filter(which).first()
            if variable is None:
                return False
            for name, value in fields.items():
                setattr(variable, name, value)
            variable.save()
    except IntegrityError:
        raise TakenName(str(fields.get("name"))) from None
    return True


def delete(which: Q) -> bool:
    return Variable.objects.filter(which).delete()[0] > 0


def by_id(variable_id: UUID) -> Q:
    return Q(pk=variable_id)


def by_name(name: str) -> Q:
    return Q(name=name)
