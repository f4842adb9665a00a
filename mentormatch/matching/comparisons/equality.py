"""Categories: the same, or not."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from mentormatch.matching.comparisons.comparison import FULL, Closeness
from mentormatch.matching.comparisons.tags import SharedTags
from mentormatch.matching.solver.blocks import Index
from mentormatch.matching.solver.incidence import product


class Equality(SharedTags):
    """Closeness 1 when the two sides name the same thing, in whatever width, case or known language; 0 otherwise.

    With several fields or values on a side it is enough that one of them is the same.
    """

    _partly: ClassVar[bool] = False

    def _block(self, rows: Index, columns: Index) -> Closeness:
        return np.where(product(*self.met_, rows, columns) > 0, np.int32(FULL), np.int32(0))
