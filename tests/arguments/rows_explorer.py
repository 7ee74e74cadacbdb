"""The rows of `explore_shapes`."""

from arguments.table import whole
from lstm_helpers import explore_shapes

whole("explore_shapes", "height", lambda s, value: explore_shapes(value), least=200, most=5000)
