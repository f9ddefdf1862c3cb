"""How often a person has pressed the mouse since somebody signed in."""

from playwright.async_api import Page

_COUNTING = """addEventListener("pointerdown", event => {
  const so_far = Number(sessionStorage.getItem("clicks"));
  if (event.isTrusted) sessionStorage.setItem("clicks", so_far + 1);
}, true)"""


async def count_clicks(page: Page) -> None:
    """From the next page on."""
    await page.add_init_script(_COUNTING)


async def begin_anew(page: Page) -> None:
    await page.evaluate("sessionStorage.removeItem('clicks')")


async def clicks(page: Page) -> int:
    return int(await page.evaluate("Number(sessionStorage.getItem('clicks'))"))
