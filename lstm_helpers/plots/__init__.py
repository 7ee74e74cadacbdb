"""Every picture of the package. The only place that imports matplotlib and seaborn.

Each function takes `ax=None` and returns the Axes that it drew on. Colours come from seaborn's
colour-blind palette, and no two lines differ by colour alone.
"""

from lstm_helpers.plots.cell import plot_cell
from lstm_helpers.plots.rows import plot_known, plot_rows
from lstm_helpers.plots.series import (
    plot_errors,
    plot_forecasts,
    plot_history,
    plot_series,
    plot_windows,
)
from lstm_helpers.plots.states import plot_states
from lstm_helpers.plots.steps import plot_steps
from lstm_helpers.plots.strips import plot_strips
from lstm_helpers.plots.table import plot_table

__all__ = [
    "plot_cell",
    "plot_errors",
    "plot_forecasts",
    "plot_history",
    "plot_known",
    "plot_rows",
    "plot_series",
    "plot_states",
    "plot_steps",
    "plot_strips",
    "plot_table",
    "plot_windows",
]
