"""How a chart of dependencies is filled: questions side by side, and what settles a cell."""
