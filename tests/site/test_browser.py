"""The site in Chromium: every page loads in silence, at each width, and the search finds."""

import json
from urllib.parse import quote

import pytest
from conftest import SITE
from lab import until

from notebooks import ROOT

PAGES = sorted(str(page.relative_to(SITE)) for page in SITE.rglob("*.html"))
PICTURES = ROOT / "build" / "site-pictures"  # for a person to look at
LOOKS = [(width, scheme) for width in (1280, 380) for scheme in ("light", "dark")]
WIDTH = "return [document.documentElement.scrollWidth, window.innerWidth]"
BACKGROUND = "return getComputedStyle(document.body).backgroundColor"
LANDED = """
const place = document.getElementById(decodeURIComponent(location.hash.slice(1)))
const top = place?.getBoundingClientRect().top
return [place?.closest('tr, section, dl')?.textContent ?? '', top >= -1 && top < innerHeight]
"""


def look(driver, width, scheme):
    """As a screen of this width, in light or dark."""
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@pytest.fixture(autouse=True)
def _wide_and_light(driver):
    look(driver, *LOOKS[0])


def requests(driver):
    """The addresses of all that was asked for since the last call."""
    events = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
    return {one["request"]["url"] for one in sent}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_loads_in_silence_and_fits_every_screen(page, address, driver):
    driver.get("about:blank")
    requests(driver), driver.get_log("browser")
    driver.get(f"{address}/{page}")
    backgrounds = set()
    for width, scheme in LOOKS:
        look(driver, width, scheme)
        scrolled, seen = driver.execute_script(WIDTH)
        assert seen == width
        assert scrolled <= seen, f"at {width} pixels the page is {scrolled} wide"
        backgrounds.add(driver.execute_script(BACKGROUND))
        picture = PICTURES / f"{page.replace('/', '_')}-{width}-{scheme}.png"
        picture.parent.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(picture)
    assert len(backgrounds) == 2
    asked = requests(driver)
    assert f"{address}/{page}" in asked
    assert not [one for one in asked if not one.startswith((address, "data:"))]
    assert driver.get_log("browser") == []


def found(driver, address, query):
    """What the search shows: page and anchor of each result, best first."""
    driver.get(f"{address}/search.html?q={quote(query)}")
    links = driver.find_elements("css selector", "#found li > a")
    return [link.get_attribute("href").removeprefix(f"{address}/") for link in links]


# As people paste them: with their own sizes, and with what Python writes before.
ERRORS = {
    "RuntimeError: Expected hidden[0] size (1, 32, 64), got [1, 16, 64]": "Expected hidden[0] size",
    "UserWarning: Using a target size (torch.Size([64])) that is different to the input size "
    "(torch.Size([64, 1]))": "Using a target size",
    "RuntimeError: input.size(-1) must be equal to input_size. Expected 10, got 5": (
        "input.size(-1) must be equal to input_size"
    ),
    "Trying to backward through the graph a second time": "Trying to backward through the graph",
    "RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x10 and 20x5)": (
        "shapes cannot be multiplied"
    ),
    "ValueError: LSTM: Expected input to be 2D or 3D, got 4D instead": (
        "Expected input to be 2D or 3D, got 4D instead"
    ),
    "RuntimeError: Length of all samples has to be greater than 0, but found an element in "
    "'lengths' that is <= 0": "Length of all samples has to be greater than 0",
    "IndexError: Target 10 is out of bounds.": "is out of bounds",
}


@pytest.mark.parametrize(("query", "said"), ERRORS.items(), ids=ERRORS.values())
def test_an_error_leads_to_the_section_that_shows_it(query, said, address, driver):
    assert found(driver, address, query)
    driver.find_element("css selector", "#found li > a").click()
    until(lambda: "search.html" not in driver.current_url, 10, "the link leads nowhere")
    until(lambda: driver.execute_script(LANDED)[1], 10, "the section is not in view")
    text, _ = driver.execute_script(LANDED)
    assert said in " ".join(text.split())


def test_a_word_is_marked_and_the_count_is_said(address, driver):
    results = found(driver, address, "batch_first")
    assert results
    marks = driver.find_elements("css selector", "#found mark")
    assert {mark.text.lower() for mark in marks} == {"batch_first"}
    said = driver.find_element("id", "count").text
    assert said.startswith(f"The best {len(results)} of ")


# Questions in somebody's own words, two tries at most, and the place that answers.
QUESTIONS = {
    "the last batch fails": (
        ["why does the last batch fail hidden size"],
        ["docs/questions.html", "notebooks/05_the_state.html"],
    ),
    "which entry of h_n": (
        ["h_n last layer bidirectional", "which row of h_n is the last layer and direction"],
        ["notebooks/05_the_state.html#cell-05-who"],
    ),
    "a word of Keras": (["timesteps lookback"], ["docs/glossary.html"]),
    "a layer of Keras": (
        ["keras return_sequences in pytorch"],
        ["notebooks/06_inside_the_cell.html#cell-06-keras-text"],
    ),
    "a saved forecaster": (
        ["load a saved forecaster"],
        ["api/lstm_helpers.html#lstm_helpers.load_forecaster"],
    ),
    "a flat line": (
        ["loss does not go down same forecast", "same prediction for every window"],
        ["docs/questions.html", "notebooks/03_many_to_one.html#the-squeezed-target"],
    ),
    "a forecast one step late": (
        ["forecast is shifted by one step"],
        ["notebooks/07_forecasting_ahead.html#cell-07-echo-text"],
    ),
}


@pytest.mark.parametrize(("tries", "places"), QUESTIONS.values(), ids=QUESTIONS)
def test_a_question_is_answered_by_one_of_the_first_three(tries, places, address, driver):
    assert len(tries) <= 2
    shown = [link for query in tries for link in found(driver, address, query)[:3]]
    assert any(link.startswith(place) for link in shown for place in places), shown


@pytest.mark.parametrize("query", ["", "  ", "()[]", "zyxwvut"])
def test_without_a_result_it_says_what_to_do(query, address, driver):
    assert found(driver, address, query) == []
    said = driver.find_element("id", "count").text
    assert said == (
        "Nothing was found. Try fewer words, or those of the error without your own names."
        if query.strip()
        else "Paste an error text, or type a name or a question."
    )


def test_what_is_typed_is_shown_as_text(address, driver):
    query = "<img src=x onerror=alert(1)> h_n"
    assert found(driver, address, query)
    assert driver.find_elements("css selector", "#found img, #count img") == []
    assert driver.find_element("css selector", ".ask input").get_attribute("value") == query


def test_the_field_of_every_page_searches(address, driver):
    driver.get(f"{address}/docs/glossary.html")
    field = driver.find_element("css selector", ".sidebar-search")
    field.send_keys("teacher forcing\n")
    until(lambda: driver.find_elements("css selector", "#found li"), 10, "nothing was found")
    assert "search.html?q=teacher+forcing" in driver.current_url


def test_a_proof_opens_by_a_key(address, driver):
    driver.get(f"{address}/notebooks/01_univariate.html#cell-01-all-months")
    code = driver.find_element("css selector", "#cell-01-all-months details pre")
    assert not code.is_displayed()
    driver.find_element("css selector", "#cell-01-all-months summary").send_keys("\n")
    until(code.is_displayed, 10, "it stays folded")
    assert "for step in range(12):" in code.text
