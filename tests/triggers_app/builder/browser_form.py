"""What a browser would send of a form on a page: the values of its successful controls."""

from html.parser import HTMLParser

VOID = ("radio", "checkbox", "submit", "button")


class _Controls(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__(convert_charrefs=True)
        self.form, self.inside = form, False
        self.sent: list[tuple[str, str]] = []
        self.area: str | None = None  # the name of the textarea that is being read
        self.text = ""
        self.select: str | None = None
        self.options: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = given.get("id") == self.form
        if not (self.inside or given.get("form") == self.form) and tag != "option":
            return
        name = given.get("name", "")
        if tag == "input" and name:
            kind = given.get("type", "text")
            if kind not in VOID or (kind in ("radio", "checkbox") and "checked" in given):
                # An input of one line has no line ends, whatever the page says.
                value = given.get("value", "on").replace("\n", "").replace("\r", "")
                self.sent.append((name, value))
        elif tag == "textarea":
            self.area, self.text = name, ""
        elif tag == "select":
            self.select, self.options = name, []
        elif tag == "option" and self.select is not None:
            self.options.append((given.get("value", ""), "selected" in given))

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "textarea" and self.area is not None:
            # The first line end after the tag is no part of the value; others are sent as CRLF.
            text = self.text.removeprefix("\n").replace("\r\n", "\n").replace("\r", "\n")
            self.sent.append((self.area, text.replace("\n", "\r\n")))
            self.area = None
        elif tag == "select" and self.select is not None:
            chosen = [value for value, selected in self.options if selected]
            values = chosen or [value for value, _ in self.options[:1]]
            self.sent += [(self.select, value) for value in values[-1:]]
            self.select = None


def sent_by_browser(html: str, form: str) -> dict[str, list[str]]:
    """Every name with its values in the order of the page."""
    controls = _Controls(form)
    controls.feed(html)
    found: dict[str, list[str]] = {}
    for name, value in controls.sent:
        found.setdefault(name, []).append(value)
    return found
