"""Which Chromium the browser tests and the screenshots drive: one on PATH, else Playwright's own.

`python -m scripts.chromium` downloads Playwright's where none is on PATH; without one the browser
tests are skipped, so a failed download is no failure of this program.
"""

import shutil
import subprocess
import sys

ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DOWNLOAD_SECONDS = 600
MISSING = "No Chromium can be started"
HOW_TO_GET_ONE = (
    "Chromium is needed: put `chromium` on PATH (Debian: apt install chromium), or let Playwright "
    "download its own: .venv/bin/python -m playwright install --with-deps chromium"
)


def on_path() -> str | None:
    """None: Playwright then looks for its own download."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def main() -> int:
    if on_path() is None and not _downloaded():
        sys.stderr.write(f"None could be downloaded. {HOW_TO_GET_ONE}\n")
    return 0


def _downloaded() -> bool:
    """Whether Playwright has its own now; at once when it was there already."""
    command = [sys.executable, "-m", "playwright", "install", "--only-shell", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=DOWNLOAD_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
