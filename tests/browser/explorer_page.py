"""The shape explorer in a browser, used by its labels and by what it says."""

from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lstm_helpers import data_home
from notebooks import ROOT

PAGE = (data_home() / "explorer.html").as_uri()
PICTURE = ROOT / "build" / "browser" / "explorer.png"  # for a person to look at
SEEN = """
return [...document.querySelectorAll(`[data-tensor="${arguments[0]}"] td.seen`)].map(
    cell => cell.dataset.at)
"""


def control(page, label):
    """A control by its label, as a reader of the screen finds it."""
    label = f"//label[normalize-space(text()[1])='{label}' or .='{label}']"
    return page.find_element(By.XPATH, f"{label}//*[self::input or self::select]")


def choose(page, **wanted):
    for label, value in wanted.items():
        element = control(page, label)
        if element.tag_name == "select":
            element.send_keys(str(value))
        else:
            element.send_keys(Keys.CONTROL, "a")
            element.send_keys(str(value))
        element.send_keys(Keys.TAB)


def text(page, css):
    return page.find_element(By.CSS_SELECTOR, css).text


def shape(page, name):
    return text(page, f"[data-tensor='{name}'] .shape")


def walk_to(page, steps):
    for _ in range(steps):
        page.find_element(By.ID, "next").click()
