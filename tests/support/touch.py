"""What every page on a screen in the hall must be: large enough to touch and to read, accessible; and its picture."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.support.pictures import picture

# What is touched, and what is read, is at least so large (px).
TOUCH, READ = 72, 24
PHONE_WIDTH = 700
SMALL_TARGETS = """least => [...document.querySelectorAll('a, button, input:not([type=hidden])')]
  .filter(e => e.checkVisibility() && !e.closest('.skip'))
  .map(e => [e, e.getBoundingClientRect()])
  .filter(([, box]) => box.height && (box.height < least || box.width < least))
  .map(([e, box]) => `${e.textContent.trim().slice(0, 30)} ${box.width} x ${box.height}`)"""
SMALL_TEXT = """least => { const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = walk.nextNode(); text; text = walk.nextNode()) {
    const e = text.parentElement;
    const apart = '.visually-hidden, .slip, .skip, script, [hidden]';
    const size = getComputedStyle(e).fontSize;
    if (text.data.trim() && e.checkVisibility() && !e.closest(apart) && parseFloat(size) < least - 0.01)
      found.push(`${text.data.trim().slice(0, 30)} ${size}`);
  }
  return found; }"""


def show(page: Page, name: str) -> None:
    """Keep a screen's picture; a large one only as far as it is seen without scrolling."""
    size = page.viewport_size
    assert size
    picture(page, f"{name}-{size['width']}", full_page=size["width"] < PHONE_WIDTH)


def sound(page: Page, name: str) -> None:
    """Nothing too small to touch or read, no rule of accessibility broken."""
    show(page, name)
    assert page.evaluate(SMALL_TARGETS, TOUCH) == [], name
    assert page.evaluate(SMALL_TEXT, READ) == [], name
    violations = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["target"]) for v in violations] == [], name
