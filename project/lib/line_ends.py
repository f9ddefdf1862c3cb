"""Line ends of texts that come from browsers and files. Pure."""


def newlines(text: str) -> str:
    r"""The text with `\n` at the end of every line: forms send `\r\n`, old files hold `\r`."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
