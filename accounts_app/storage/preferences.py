"""What people set for pages."""

from collections.abc import Sequence
from typing import Any

from accounts_app.models import Preference


def read(person_id: int, name: str) -> Any:
    """None when it was never set. One query."""
    values = Preference.objects.filter(person_id=person_id, name=name)
    return values.values_list("value", flat=True).first()


def read_all(person_id: int, names: Sequence[str]) -> dict[str, Any]:
    """Those of these names that were set. One query."""
    values = Preference.objects.filter(person_id=person_id, name__in=names)
    return dict(values.values_list("name", "value"))


def write(person_id: int, name: str, value: Any) -> None:
    """Two queries."""
    Preference.objects.update_or_create(person_id=person_id, name=name, defaults={"value": value})
