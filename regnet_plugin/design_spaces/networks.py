"""What a space draws, and the networks that it makes of that, as arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

# Drawn parameters by name, of shape (n, ) or (n, stages); a row for each draw.
Values = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Networks:
    """Repaired architectures of the same number of stages S, as arrays.

    Attributes:
        index: which draws they come from, shape (n, ).
        depths: int64, shape (n, S).
        widths: int64, shape (n, S).
        bottleneck_ratios: shape (n, S); None for blocks without bottleneck.
        group_widths: int64, shape (n, S); None for blocks without groups.
    """

    index: NDArray[np.int64]
    depths: NDArray[np.int64]
    widths: NDArray[np.int64]
    bottleneck_ratios: NDArray[Any] | None = None
    group_widths: NDArray[np.int64] | None = None

    def __len__(self) -> int:
        return len(self.index)

    @property
    def num_stages(self) -> int:
        """Stages of each network, S."""
        return self.widths.shape[1]

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> 'Networks':
        """Some of the networks, by their places or by a mask."""
        ratios, groups = self.bottleneck_ratios, self.group_widths
        return Networks(
            index=self.index[rows],
            depths=self.depths[rows],
            widths=self.widths[rows],
            bottleneck_ratios=None if ratios is None else ratios[rows],
            group_widths=None if groups is None else groups[rows],
        )

    def lists(self) -> dict[str, NDArray[Any]]:
        """The arrays that there are, by the names that `Architecture.from_lists` has for them."""
        lists: dict[str, NDArray[Any]] = dict(depths=self.depths, widths=self.widths)
        if self.bottleneck_ratios is not None:
            lists['bottleneck_ratios'] = self.bottleneck_ratios
        if self.group_widths is not None:
            lists['group_widths'] = self.group_widths
        return lists
