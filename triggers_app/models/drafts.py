"""Drafts of automations: what a person is building, with every step that led there."""

import json
from typing import Any
from uuid import uuid4

from django.db import models

from triggers_app.models.automations import Automation


class Json(models.TextField):  # type: ignore[type-arg]  # it takes none at run time
    """JSON as it was written. jsonb would sort the keys, in the order of which people think.

    Nor would it take NUL, NaN or half a surrogate pair, which a draft may hold until the
    parser has told its author.
    """

    _pyi_private_set_type: Any  # for mypy: any value goes in, and comes out
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, *_: object) -> Any:
        return None if value is None else json.loads(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else json.dumps(value, separators=(",", ":"))

    def to_python(self, value: Any) -> Any:
        return value


class Draft(models.Model):
    """One person's work on an automation, or on one that is not there yet.

    `rev` grows with every change, undo and redo included. The columns from `document` on are
    those of the revision `rev`, so that the page is shown by one row.
    """

    id = models.UUIDField(primary_key=True, default=uuid4)
    automation = models.ForeignKey(Automation, on_delete=models.CASCADE, null=True, db_index=False)
    base_version = models.IntegerField(null=True)  # of the automation that it began with
    author = models.TextField()
    rev = models.IntegerField(default=1)
    document = Json()
    # The author's own text of it, with comments: "yaml", "block"; absent until there is one.
    texts = Json(default=dict)
    # Field name to what was typed, where that could not be read; `document` keeps the last good.
    rejected = Json(default=dict)
    label = models.TextField(default="")  # what undoing would take back
    field = models.TextField(default="")  # the only field that was changed, if it was one
    undo_rev = models.IntegerField(null=True)
    redo_rev = models.IntegerField(null=True)
    redo_label = models.TextField(default="")
    # What the person looks at: no part of the document, and no step to undo.
    chosen = Json(default=dict)
    outcome = models.TextField(null=True)  # "saved", "discarded"; null while it is open
    saved_version = models.IntegerField(null=True)
    created = models.DateTimeField()
    updated = models.DateTimeField()

    class Meta:
        db_table = "draft"
        constraints = [
            # Two tabs that open the same automation share a draft.
            models.UniqueConstraint(
                fields=["automation", "author"],
                name="draft_open",
                condition=models.Q(outcome=None),
            )
        ]
        indexes = [
            models.Index(fields=["author", "updated"], name="draft_author"),
            models.Index(fields=["updated"], name="draft_updated"),
        ]

    @property
    def is_open(self) -> bool:
        return self.outcome is None


class DraftRevision(models.Model):
    """A draft as it was at `rev`: what undo goes back to, what late edits are compared with."""

    pk = models.CompositePrimaryKey("draft_id", "rev")
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, db_index=False)
    rev = models.IntegerField()
    document = Json()
    texts = Json()
    rejected = Json()
    label = models.TextField()
    field = models.TextField()
    undo_rev = models.IntegerField(null=True)
    redo_rev = models.IntegerField(null=True)
    redo_label = models.TextField()
    base_version = models.IntegerField(null=True)
    created = models.DateTimeField()

    class Meta:
        db_table = "draft_revision"
