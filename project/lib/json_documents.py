"""What a JSON object is when it is read: the documents of the API, of drafts and of files. Pure."""

from typing import Any

Document = dict[str, Any]
