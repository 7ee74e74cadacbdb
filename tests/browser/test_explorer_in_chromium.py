"""The shape explorer in Chromium: on a phone, in the dark, by keyboard, in frames, offline."""

import json
import re
from html import escape

import nbformat
import pytest
from explorer_page import PAGE, PICTURE, choose, shape, text, walk_to
from lab import BROWSER, DRIVER, chromium, idle, jupyterlab, menu, until
from nbformat import v4
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lstm_helpers import explore_shapes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]
CONTRAST = """
const light = color => {
    const c = color.match(/[\\d.]+/g).slice(0, 3).map(v => v / 255).map(
        v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]
}
const page = light(getComputedStyle(document.body).backgroundColor)
return ['body', '.hint', 'a', '.corner'].map(css => {
    const text = light(getComputedStyle(document.querySelector(css)).color)
    return (Math.max(page, text) + 0.05) / (Math.min(page, text) + 0.05)
})
"""
# What reaches beyond its box with no word about it
CUT = """
return [...document.querySelectorAll('body *')].filter(e => e.scrollWidth > e.clientWidth + 1
    && getComputedStyle(e).display !== 'inline' && getComputedStyle(e).overflowX !== 'visible'
    && !e.matches('.cut, input, select')).map(e => e.outerHTML.slice(0, 80))
"""
# How far the tint of the smallest number that has one is from the page, of 255
TINT = """
const colour = e => getComputedStyle(e).backgroundColor
const made = document.createElement('canvas').getContext('2d', {willReadFrequently: true})
const seen = css => { made.fillStyle = colour(document.body); made.fillRect(0, 0, 1, 1)
    if (css) { made.fillStyle = css; made.fillRect(0, 0, 1, 1) }
    return [...made.getImageData(0, 0, 1, 1).data] }
const page = seen()
const tinted = [...document.querySelectorAll('#tensors td')].filter(
    e => e.style.getPropertyValue('--strong'))
const apart = e => Math.max(...seen(colour(e)).map((v, k) => Math.abs(v - page[k])))
return Math.min(...tinted.map(apart))
"""


@pytest.mark.parametrize("anchor", ["auto", "none"])  # not every browser keeps the place itself
def test_the_box_that_forgets_stays_where_it_is(page, anchor):
    page.execute_script("document.documentElement.style.overflowAnchor = arguments[0]", anchor)
    box = page.find_element(By.CSS_SELECTOR, "[name=forgotten]")
    top = "return document.querySelector('[name=forgotten]').getBoundingClientRect().top"
    page.execute_script("arguments[0].scrollIntoView({block: 'center'})", box)
    before = page.execute_script(top)
    box.click()
    assert page.execute_script(top) == pytest.approx(before, abs=2)


def test_a_heading_that_is_linked_comes_to_the_top(page):
    for part in ("time", "weights"):
        page.find_element(By.CSS_SELECTOR, f"nav [href='#{part}']").click()
        top = f"return document.getElementById('{part}').getBoundingClientRect().top"
        assert 0 <= page.execute_script(top) < 20
        assert page.switch_to.active_element.get_attribute("id") == part


def test_a_link_keeps_the_settings(page):
    choose(page, cell="GRU", hidden=6, directions=2, head="every")
    link = page.current_url
    page.get("about:blank")
    page.get(link)
    assert shape(page, "out") == "(5, 12, 12)"
    assert "bidirectional=True" in text(page, "#torch")
    page.get(PAGE + "#hidden=9999&proj_size=7&cell=CNN&seq=")
    assert shape(page, "out") == "(5, 12, 7)"
    assert text(page, "#notes") == (
        "cell is one of LSTM, GRU, RNN: LSTM is taken. seq is a whole number from 1 to 1000: 12 "
        "is taken. hidden is a whole number from 1 to 1024: 1024 is taken."
    )


def test_nothing_is_asked_of_any_network(driver):
    driver.get_log("performance")
    driver.get("about:blank")
    driver.get(PAGE)
    choose(driver, cell="RNN", batch=3)
    walk_to(driver, 12)
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    asked = {
        message["params"]["request"]["url"].partition("#")[0]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    }
    assert PAGE in asked
    assert asked <= {PAGE, "about:blank", "data:,"}
    with pytest.raises(Exception, match="Failed to fetch"):
        driver.execute_script("return fetch('http://127.0.0.1:9/')")  # not even when told to


def test_by_keyboard_alone(page):
    def focused():
        return page.switch_to.active_element

    def press(*keys):
        for key in keys:
            focused().send_keys(key)

    def tab_to(found, most=80):
        for _ in range(most):
            press(Keys.TAB)
            if found(focused()):
                return
        raise AssertionError("Tab does not lead there")

    tab_to(lambda element: element.get_attribute("name") == "hidden")
    press(Keys.ARROW_UP)
    assert shape(page, "out") == "(5, 12, 4)"
    tab_to(lambda element: element.get_attribute("data-at") == "0,0,0")
    assert text(page, "#said").startswith("x[0, 0, 0] = 1.1200 (112,000 passengers)")
    tab_to(lambda element: element.get_attribute("data-at") == "0,0,0")
    press(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.PAGE_DOWN)
    assert text(page, "#said").startswith("out[1, 2, 1] = ")
    press(Keys.END, Keys.ARROW_RIGHT, Keys.PAGE_UP)
    assert text(page, "#said").startswith("out[0, 2, 3] = ")
    tab_to(lambda element: element.get_attribute("id") == "next")
    press(*[Keys.ENTER] * 12)
    assert "has seen" in text(page, "#forecast")


def test_a_phone_scrolls_down_only_and_every_control_has_a_name(page):
    page.set_window_size(500, 900)
    size = {"width": 380, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    page.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        for link in ("", "#hidden=512&directions=2&layers=4&seq=24&batch=6&input=4&proj_size=100"):
            page.get("about:blank")
            page.get(PAGE + link)
            walk_to(page, 12)
            assert page.execute_script("return document.documentElement.scrollWidth") == 380
            assert page.execute_script(CUT) == []
        unnamed = page.execute_script(
            "return [...document.querySelectorAll('input, select, button')].filter("
            "e => !e.labels?.length && !e.innerText.trim() && !e.ariaLabel).length"
        )
        assert unnamed == 0
    finally:
        page.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def media(page, **features):
    given = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": given})


def test_it_can_be_read_in_light_and_in_dark(page):
    backgrounds = []
    choose(page, hidden=16, layers=2, directions=2)  # small numbers
    try:
        for scheme in ("light", "dark"):
            media(page, prefers_color_scheme=scheme)
            assert min(page.execute_script(CONTRAST)) > 4.5
            assert page.execute_script(TINT) > 20
            found = "return getComputedStyle(document.body).backgroundColor"
            backgrounds.append(page.execute_script(found))
    finally:
        media(page)
    assert len(set(backgrounds)) == 2


def test_who_asks_for_less_motion_sees_none(page):
    try:
        media(page, prefers_reduced_motion="reduce")
        page.find_element(By.ID, "play").click()
        assert text(page, "#step-said").startswith("Step 11:")
        assert page.execute_script("return walk.timer") is None
    finally:
        media(page)


def test_play_goes_step_by_step_and_can_be_stopped(page):
    play = page.find_element(By.ID, "play")
    page.execute_script("walk.t = 3; drawSteps()")
    play.click()
    assert (play.text, play.get_attribute("aria-pressed")) == ("Pause", "true")
    play.click()
    assert (play.text, play.get_attribute("aria-pressed")) == ("Play", "false")
    assert re.match(r"Step [34]:", text(page, "#step-said"))


def works_in_its_frame(driver, frame):
    """Use the page inside a frame as a reader would."""
    driver.switch_to.frame(frame)
    choose(driver, batch=4, hidden=5)
    assert shape(driver, "out") == "(4, 12, 5)"
    driver.find_element(By.CSS_SELECTOR, "[data-tensor='out'] [data-at='0,2,4']").click()
    assert text(driver, "#said").endswith("It has seen x[0, :3].")
    assert not driver.find_element(By.ID, "link").is_displayed()  # there is no address to copy
    button = driver.find_element(By.CSS_SELECTOR, "[data-copy='torch']")
    button.click()  # a frame may not be allowed to copy: then the lines are selected
    copied = until(lambda: button.text != "Copy" and button.text, 10, "Copy does nothing")
    assert copied in ("Copied", "Selected: press Ctrl+C")
    walk_to(driver, 12)
    assert "has seen" in text(driver, "#forecast")
    driver.switch_to.default_content()


@pytest.mark.parametrize("sandbox", ["allow-scripts", "allow-scripts allow-same-origin"])
def test_it_works_in_a_sandboxed_frame_inside_another(driver, tmp_path, sandbox):
    """As Colab shows what a cell returns: in a frame of its own, which holds ours."""
    outer = escape(f"<!DOCTYPE html><body>{explore_shapes(700)._repr_html_()}</body>")
    file = tmp_path / "notebook.html"
    file.write_text(
        f'<iframe sandbox="{sandbox}" width="900" height="800" srcdoc="{outer}"></iframe>',
        encoding="utf-8",
    )
    driver.get(file.as_uri())
    driver.get_log("browser")
    driver.switch_to.frame(0)
    works_in_its_frame(driver, 0)
    assert not driver.get_log("browser")


def test_it_works_in_jupyterlab(tmp_path):
    folder, home = tmp_path / "project", tmp_path / "home"
    folder.mkdir()
    cell = v4.new_code_cell("from lstm_helpers import explore_shapes\n\nexplore_shapes()")
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    notebook = v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "n.ipynb")
    frame = "//iframe[@title='LSTM shape explorer']"
    with jupyterlab(folder, home) as address, chromium(home) as driver:
        driver.get(address("n.ipynb"))
        until(lambda: idle(driver), 120, "the notebook did not open")
        menu(driver, "Run", "Run All Cells")
        (shown,) = until(lambda: driver.find_elements("xpath", frame), 120, "no page is shown")
        works_in_its_frame(driver, shown)
        PICTURE.parent.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(PICTURE)
