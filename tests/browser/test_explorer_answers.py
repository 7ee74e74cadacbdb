"""What the shape explorer answers: shapes, counts, and what a number has seen, for any sizes."""

import pytest
from explorer_page import SEEN, choose, control, shape, text, walk_to
from lab import BROWSER, DRIVER
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from lstm_helpers import load_flights

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not (BROWSER and DRIVER), reason="chromium or chromedriver is not installed"
    ),
]


def test_sheets_are_turned_and_what_was_seen_is_framed(page):
    page.find_element(By.CSS_SELECTOR, "[data-tensor='out'] [data-sheet='3']").click()
    cell = page.find_element(By.CSS_SELECTOR, "[data-tensor='out'] [data-at='3,5,1']")
    cell.click()
    assert text(page, "#said").startswith("out[3, 5, 1] = ")
    assert text(page, "#said").endswith("It has seen x[3, :6].")
    assert "window 3, step 5, Sep 1949, hidden 1 of the last layer" in text(page, "#said")
    assert page.execute_script(SEEN, "x") == [f"3,{t},{k}" for t in range(6) for k in range(2)]
    page.find_element(By.CSS_SELECTOR, "[data-tensor='x'] [data-at='3,10,0']").click()
    passengers = int(load_flights()["passengers"].iloc[13])
    assert f"x[3, 10, 0] = {passengers / 100:.4f} ({passengers},000 passengers)" in text(
        page, "#said"
    )
    assert "Feb 1950" in text(page, "#said")
    assert page.execute_script(SEEN, "out") == [f"3,{t},{k}" for t in (10, 11) for k in range(3)]


def test_a_state_says_which_layer_direction_and_step_it_is(page):
    choose(page, layers=2, directions=2)
    page.find_element(By.CSS_SELECTOR, "[data-tensor='h_n'] [data-at='3,0,1']").click()
    assert "window 0, hidden 1 of layer 1, backward, after step 0. It has seen x[0]." in text(
        page, "#said"
    )
    choose(page, batch_first="forgotten")
    assert text(page, "#warning").endswith("Here yhat has 12 rows for 5 windows.")
    page.find_element(By.CSS_SELECTOR, "[data-tensor='c_n'] [data-at='2,0,1']").click()
    assert "seq 0, hidden 1 of layer 1, forward, after window 4. It has seen x[:, 0]." in text(
        page, "#said"
    )


def test_numbers_that_are_the_same_are_dashed_and_framed_together(page):
    def same(name):
        cells = page.find_elements(By.CSS_SELECTOR, f"[data-tensor='{name}'] td.same")
        return {cell.get_attribute("data-at"): cell.text for cell in cells}

    out, h_n, last = same("out"), same("h_n"), same("last")
    assert list(out) == ["0,11,0", "0,11,1", "0,11,2"]
    assert list(out.values()) == list(h_n.values()) == list(last.values())[:3]
    assert len({*out.values()}) == 3
    choose(page, layers=2, directions=2)
    backward = {"0,0,3": 0, "0,0,4": 1, "0,0,5": 2}
    assert {at for at in same("out") if at.startswith("0,0,")} == set(backward)
    for at, k in backward.items():
        assert same("out")[at] == same("h_n")[f"3,0,{k}"]
    names = [
        row.text for row in page.find_elements(By.CSS_SELECTOR, "[data-tensor='h_n'] tbody th")
    ]
    assert names[1:3] == ["1 layer 0, backward", "2 layer 1, forward"]
    page.find_element(By.CSS_SELECTOR, "[data-tensor='h_n'] [data-at='2,0,1']").click()
    assert page.execute_script(SEEN, "out") == ["0,11,1"]
    assert text(page, "#said").endswith("It is the same number as out[0, 11, 1].")


def test_of_a_long_axis_the_beginning_and_the_end_are_drawn(page):
    choose(page, batch=64, seq=40, hidden=700)
    assert shape(page, "h_n") == "(1, 64, 700)"
    columns = page.find_elements(By.CSS_SELECTOR, "[data-tensor='out'] thead th:not(.axis)")
    assert [th.text for th in columns][1:] == [*"012345", "…", "698", "699"]
    rows = page.find_elements(By.CSS_SELECTOR, "[data-tensor='out'] tbody th")
    assert [th.text.split()[0] for th in rows] == [*"01234567", "…", "38", "39"]
    cell = page.find_element(By.CSS_SELECTOR, "[data-tensor='out'] [data-at='0,7,5']")
    cell.click()
    for key in (Keys.ARROW_RIGHT, Keys.ARROW_DOWN, Keys.PAGE_DOWN):
        page.switch_to.active_element.send_keys(key)
    assert text(page, "#said") == (
        "out[1, 38, 698]: window 1, step 38, Apr 1952, hidden 698 of the last layer. "
        "It has seen x[1, :39]."
    )
    sheets = page.find_elements(By.CSS_SELECTOR, "[data-tensor='x'] [data-sheet]")
    assert [sheet.text for sheet in sheets] == [*"01234", "62", "63"]
    assert text(page, "#no-numbers").startswith("Only x is drawn with its numbers")
    choose(page, batch=101, seq=44, hidden=3)
    assert text(page, "#no-numbers") == ""  # as far as the table of months reaches
    choose(page, batch=102)
    assert "has 144 months, and these windows reach over 145" in text(page, "#no-numbers")


def test_what_is_forgotten_in_one_part_is_forgotten_in_the_other(page):
    box = page.find_element(By.CSS_SELECTOR, "[name=forgotten]")
    box.click()
    assert control(page, "batch_first").get_attribute("value") == "forgotten"
    marked = [mark.text for mark in page.find_elements(By.CSS_SELECTOR, "#torch mark")]
    assert marked[0].startswith("# Mistake: batch_first=True is missing.")
    assert marked[0].endswith("\nlstm = nn.LSTM(input_size=2, hidden_size=3)")
    assert marked[1].startswith("# out looks like (batch, seq, hidden),")
    assert text(page, "#walk-order").startswith("without batch_first=True")
    choose(page, batch_first="True")
    assert not box.is_selected()
    assert text(page, "#walk-order") == "with batch_first=True"
    assert not page.find_elements(By.CSS_SELECTOR, "#torch mark")


def test_what_the_walk_has_seen_lights_up(page):
    walk_to(page, 4)
    assert page.execute_script(SEEN, "x[:, :, 0]") == ["0,0", "0,1", "0,2", "0,3"]
    page.find_element(By.CSS_SELECTOR, "[data-tensor^='out['] [data-at='2,1']").click()
    assert page.execute_script(SEEN, "x[:, :, 0]") == ["2,0", "2,1"]
    page.find_element(By.CSS_SELECTOR, "[name=forgotten]").click()
    page.find_element(By.CSS_SELECTOR, "[data-tensor^='out['] [data-at='2,1']").click()
    assert page.execute_script(SEEN, "x[:, :, 0]") == ["0,1", "1,1", "2,1"]
    assert text(page, "#step-said").endswith("It has seen x[:3, 1].")


def test_a_forecast_says_what_its_month_was_used_for(page):
    walk_to(page, 12)
    used = (
        "return [...document.querySelectorAll('#forecast tr td:last-child')].map(c => c.innerText)"
    )
    assert set(page.execute_script(used)) == {"nothing: a fair test"}
    page.execute_script(
        "walk.first = 105; drawSteps()"
    )  # Oct 1957: the months after are 10, 11 ...
    assert page.execute_script(used) == ["training: easy"] * 3 + ["choosing the weights"] * 2


def test_five_questions_are_answered_by_the_page_alone(page):
    """By its labels and what it says: each answer is read from the screen."""
    choose(page, batch=4, seq=9, input=1, hidden=7)
    assert shape(page, "x") == "(4, 9, 1)"  # what goes in?
    choose(page, directions=2)
    assert (shape(page, "out"), shape(page, "h_n")) == ("(4, 9, 14)", "(2, 4, 7)")
    choose(page, directions=1, proj_size=3)  # which of the states does a projection shorten?
    assert (shape(page, "h_n"), shape(page, "c_n")) == ("(1, 4, 3)", "(1, 4, 7)")
    choose(page, proj_size=0, batch_first="False")  # does h_n follow batch_first?
    assert (shape(page, "x"), shape(page, "h_n")) == ("(9, 4, 1)", "(1, 4, 7)")
    choose(page, batch_first="True", head="horizon", horizon=5)  # how do I forecast five months?
    assert shape(page, "yhat") == "(4, 5, 1)"
    assert text(page, "#torch").endswith(
        "yhat = linear(last).unflatten(1, (5, 1))  # (batch, horizon, target)"
    )


def test_sizes_of_everyday_models_are_answered_too(page):
    """What a visitor asked who had only the page."""
    choose(page, hidden=16, layers=2, directions=2)
    assert [shape(page, name) for name in ("out", "h_n")] == ["(5, 12, 32)", "(4, 5, 16)"]
    choose(page, hidden=8, layers=1, directions=1, input=3)
    assert text(page, "#glance").endswith("· 416 parameters of the LSTM + 9 of the head")
    assert "4*hidden*(input + hidden + 2) = 4*8*(3 + 8 + 2) = 416" in text(page, "#formulas")
    assert "[8:16] f (forget gate)" in text(page, "#blocks")
    choose(page, cell="GRU")
    assert text(page, "#glance").endswith("· 312 parameters of the GRU + 9 of the head")
    choose(page, head="horizon", horizon=12)
    assert shape(page, "yhat") == "(5, 12, 1)"
    assert text(page, "[data-tensor='yhat'] .note") == "Made-up weights: this is no forecast."
    most = control(page, "hidden").find_element(By.XPATH, "following-sibling::small").text
    assert most == "1 to 1024: hidden_size"


def test_names_and_bars_of_the_gates_lie_where_their_numbers_do(page):
    walk_to(page, 5)
    lines = page.execute_script(
        "return [...document.querySelectorAll('#cell tbody tr')].map(row => [...row.cells].map("
        "c => { const {top, bottom} = c.getBoundingClientRect(); return (top + bottom) / 2 }))"
    )
    assert len(lines) == 8
    for line in lines:
        assert line == pytest.approx([line[0]] * 6, abs=1)
    (bar,) = page.execute_script(
        "const bars = [...document.querySelectorAll('#cell .bar')].map(c => getComputedStyle(c));"
        "return [...new Set(bars.map(b => `${b.backgroundRepeat} ${b.backgroundOrigin}`))]"
    )
    assert bar == "no-repeat border-box"  # a bar that began inside would go on at the other edge


def test_a_size_counts_while_it_is_typed(page):
    hidden = control(page, "hidden")
    hidden.send_keys(Keys.CONTROL, "a")
    hidden.send_keys("16")
    assert "out (5, 12, 16)" in text(page, "#glance")
    assert text(page, "#notes") == ""
    hidden.send_keys("000")  # 16000 is too large: the last size that could be had stays
    assert "out (5, 12, 160)" in text(page, "#glance")
    hidden.send_keys(Keys.ENTER)
    assert "out (5, 12, 1024)" in text(page, "#glance")
    assert text(page, "#notes") == "hidden is a whole number from 1 to 1024: 1024 is taken."


def test_misread_weights_are_not_praised(page):
    assert "off by" in text(page, "#honest")
    choose(page, batch_first="forgotten")
    assert text(page, "#honest").startswith("The same weights, trained with batch_first=True")
    choose(page, batch_first="True")
    assert "off by" in text(page, "#honest")
