"""Limits that no network reaches, so that a typing error cannot fill the memory.

A network's time and memory, and what is drawn of it, grow with its blocks and widths. A row of a
foreign table, or a config, may say anything.
"""

from collections.abc import Sequence

MAX_STAGES = 64  # the paper's networks have 3 to 5
MAX_DEPTH = 10_000  # blocks in a network; RegNets have at most 64
MAX_WIDTH = 2**24  # channels; the widest published RegNet has 7392
MAX_STRIDE = 1024  # also of dilations; the paper's are 1 and 2


def check_number_of_stages(number: int) -> None:
    """Raise a ValueError if a network has more stages than `MAX_STAGES`."""
    if number > MAX_STAGES:
        raise ValueError(f'a network must have at most {MAX_STAGES} stages, but it has {number}')


def check_network_size(depths: Sequence[float], widths: Sequence[float] = ()) -> None:
    """Check numbers of stages, blocks and channels of a network of any origin against the limits.

    Args:
        depths: blocks of each stage.
        widths: channels of each stage; nothing is asked of them where there are none.

    Raises:
        ValueError: which limit is exceeded, and by what.
    """
    check_number_of_stages(len(depths))
    if sum(depths) > MAX_DEPTH:
        raise ValueError(
            f'a network must have at most {MAX_DEPTH} blocks, but depths={list(depths)!r}'
        )
    if max(widths, default=0) > MAX_WIDTH:
        raise ValueError(f'widths must be at most {MAX_WIDTH}, but widths={list(widths)!r}')
