"""What the pages load: collected under hashed names, small, and without names of colors."""

import gzip
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project_settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.test import Client

from project.lib.stylesheet import PARTS

STATIC = Path(project_settings.BASE_DIR) / "static"
HASHED = "whitenoise.storage.CompressedManifestStaticFilesStorage"
COLOR = re.compile(
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)a?\(|box-shadow:(?!\s*var)"
)


def test_collected_files_have_everything_that_pages_name(
    viewer: Client, settings: Any, tmp_path: Path
) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {**settings.STORAGES, "staticfiles": {"BACKEND": HASHED}}
    call_command("collectstatic", verbosity=0, interactive=False)

    html = viewer.get("/").content.decode()
    names = re.findall(r'(?:href|src)="/static/([^"]+)"', html)

    assert len(names) == 7
    assert [name for name in names if not (tmp_path / name).is_file()] == []
    assert all(re.search(r"\.[0-9a-f]{12}\.", name) for name in names)
    assert staticfiles_storage.exists("css/flint.css")


@pytest.mark.parametrize("name", ["base", "components", "pages"])
def test_only_the_tokens_name_colors_and_shadows(name: str) -> None:
    css = (STATIC / "css" / f"{name}.css").read_text()

    assert COLOR.findall(css) == []


@pytest.mark.parametrize("name", ["base", "components", "pages"])
def test_every_token_that_is_used_exists(name: str) -> None:
    tokens = set(re.findall(r"(--[\w-]+):", (STATIC / "css" / "tokens.css").read_text()))
    used = set(re.findall(r"var\((--[\w-]+)", (STATIC / "css" / f"{name}.css").read_text()))

    assert used - tokens == set()


def test_first_page_is_light(viewer: Client) -> None:
    import django_htmx

    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    page = viewer.get("/").content
    scripts = [file for file in STATIC.rglob("*.js") if f"js/{file.name}".encode() in page]
    files = [htmx, *STATIC.rglob("*.css"), *scripts]
    sizes = [len(gzip.compress(file.read_bytes())) for file in files]

    assert len(scripts) == 4
    assert sum(sizes) + len(gzip.compress(page)) < 60_000


@pytest.mark.parametrize("name", ["app.js", "comforts.js", "keys.js", "palette.js"])
def test_script_stays_small(name: str) -> None:
    assert len((STATIC / "js" / name).read_text().splitlines()) < 100


def test_stylesheet_is_one_file_with_every_part_in_its_layer() -> None:
    found = finders.find("css/flint.css")
    css = Path(str(found)).read_text()

    assert css.startswith("@layer tokens, base, components, pages;")
    names = ("tokens", "base", "components", "pages")
    assert [f"@layer {name} {{" in css for name in names] == [True] * 4
    parts = [(STATIC / "css" / f"{name}.css").read_text() for name in PARTS]
    assert all("@layer " in part for part in parts)
    assert css.count("@layer ") == sum(part.count("@layer ") for part in parts)
    assert ("/*" in css, finders.find("css/none.css")) == (False, None)


@pytest.mark.parametrize(("asked", "status", "size"), [
    ({}, 200, None), ({"Range": "bytes=0-9"}, 206, 10),
], ids=["whole", "a part"])  # fmt: skip
def test_file_is_answered_whole_as_asgi_wants_it(
    asked: dict[str, str], status: int, size: int | None, client: Client, settings: Any
) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True
    file = (STATIC / "js" / "app.js").read_bytes()[:size]

    response = client.get("/static/js/app.js", headers=asked)

    assert (response.status_code, response.streaming, response.content) == (status, False, file)
    assert response.headers["Content-Length"] == str(len(file))
    assert response.headers["Content-Type"].startswith("text/javascript")


def test_head_of_a_file_has_no_body(client: Client, settings: Any) -> None:
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True

    response = client.head("/static/js/app.js")

    assert (response.status_code, response.content) == (200, b"")
    assert int(response.headers["Content-Length"]) > 0
