"""What a text format is: how it is read, written, edited in place and recognized."""

from collections.abc import Callable
from dataclasses import dataclass

from project.lib.json_documents import Document
from triggers_app.automation.formats.loss import Loss
from triggers_app.automation.formats.reading import Reading, Writing
from triggers_app.automation.formats.yaml.automation import Loaded


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern by which a text is taken for a format. Of all formats' signs the lowest
    `order` that is found decides; `reason` is a sentence about it."""

    order: int
    pattern: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFormat:
    """`word` is what people call the format, `tab` what its pane is called.

    `editor_mode` is the editor's name of its syntax. A format that can be typed in has `read_on`,
    which reads a text on the document that its pane showed; `losses` tells what it cannot say of
    a document. One whose comments are kept has `own_text`, the name under which a draft keeps
    its author's text, and `apply_edit`.
    """

    word: str
    tab: str = ""
    editor_mode: str
    read: Callable[[str], Reading]
    write: Callable[[Document], Writing]
    signs: tuple[Sign, ...] = ()
    read_on: Callable[[str, Document], Reading] | None = None
    losses: Callable[[Document], list[Loss]] | None = None
    own_text: str = ""
    apply_edit: Callable[[str | Loaded, Document, Document], str] | None = None

    @property
    def is_two_way(self) -> bool:
        return self.read_on is not None
