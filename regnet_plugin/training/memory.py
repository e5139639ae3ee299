"""The memory that a training or a step takes at its worst moment: PyTorch's on a GPU, the process's
on a CPU.
"""

import ctypes
import gc
import re
from pathlib import Path

import torch


def resident_memory(field):
    """Bytes of this process: VmRSS now, VmHWM at most since the last reset (Linux)."""
    return 1024 * int(re.search(rf'{field}:\s+(\d+)', Path('/proc/self/status').read_text())[1])


def reset_memory_peak():
    """Begin to look for the worst moment of this process anew."""
    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
    else:
        # what was left over before would be freed during the step, and hide as much of what the
        # step takes
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        Path('/proc/self/clear_refs').write_text('5')  # resets VmHWM


def memory_peak():
    """Return the bytes at the worst moment since `reset_memory_peak`: PyTorch's on a GPU, the
    process's on a CPU.
    """
    return (
        torch.cuda.max_memory_allocated() if torch.cuda.is_available() else resident_memory('VmHWM')
    )
