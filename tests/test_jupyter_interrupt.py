"""Jupyter's interrupt ends training in order: the next cell has the history."""

import time

import pytest
from jupyter_client.manager import start_new_kernel

TRAIN = """
from pathlib import Path
from lstm_helpers import ManyToOneLSTM, Windows, fit, load_flights
def forward(model, x, y):
    Path("begun").touch()
    return model(x), y
model = ManyToOneLSTM(input_size=1, hidden_size=3)
windows = Windows(load_flights() / 100, seq_len=12)
history = fit(model, windows, epochs=10**6, forward=forward, progress=False)
"""


@pytest.mark.slow
def test_the_next_cell_has_the_history(tmp_path):
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        client.execute(TRAIN)
        while not (tmp_path / "begun").exists():
            assert manager.is_alive()
            time.sleep(0.05)
        manager.interrupt_kernel()
        assert client.get_shell_msg(timeout=60)["content"]["status"] == "ok"  # no traceback
        said = []
        client.execute_interactive(
            "print(history.interrupted, history.best_epoch == len(history.records) < 10**6)",
            output_hook=lambda message: said.append(message["content"].get("text", "")),
            timeout=60,
        )
        assert "".join(said).endswith("True True\n")
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
