"""The memory of a training or a step at its worst moment.

On a GPU it is that of PyTorch, on a CPU that of the process.
"""

import ctypes
import gc
import re
from pathlib import Path

import torch

_KIB = 1024  # the unit of /proc/self/status
_RESET_PEAK = '5'  # what /proc/self/clear_refs takes to set VmHWM back, see proc(5)


def resident_memory(field: str) -> int:
    """Return bytes of this process: VmRSS now, VmHWM at most since the last reset (Linux).

    Raises:
        ValueError: if the system does not tell this field.
    """
    found = re.search(rf'{field}:\s+(\d+)', Path('/proc/self/status').read_text())
    if found is None:
        raise ValueError(f'/proc/self/status must tell {field}, but it does not')
    return _KIB * int(found[1])


def reset_memory_peak() -> None:
    """Begin to look for the worst moment of this process anew."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    else:
        # What was left over before would be freed during the step, and hide as much of what the
        # step takes.
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path('/proc/self/clear_refs').write_text(_RESET_PEAK)


def memory_peak() -> int:
    """Return the bytes at the worst moment since `reset_memory_peak`.

    On a GPU it is PyTorch's memory, on a CPU the process's.
    """
    if torch.cuda.is_available():
        return torch.cuda.max_memory_allocated()
    return resident_memory('VmHWM')
