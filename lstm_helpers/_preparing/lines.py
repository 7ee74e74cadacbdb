"""Where the rows of a result stand in the table."""

from dataclasses import dataclass

import numpy as np


@dataclass
class Lines:
    """Where the rows of one piece stand in the table.

    Attributes:
        when: (row,) the number of the time that a row belongs to; below 0 before the first one.
        rows: (row, step) the rows of the table, -1 where that is not known; a single step
            where the piece holds no windows.
        beside: only its length says where it stands: y beside x, it seems.
        blocks: how many times of the table a row stands for, as after `resample`; 0 for its own.
    """

    when: np.ndarray
    rows: np.ndarray
    blocks: int = 0
    beside: bool = False

    @property
    def unclear(self) -> bool:
        """Whether several rows of the table stand in one row of what is no window."""
        return self.rows.shape[1] > 1
