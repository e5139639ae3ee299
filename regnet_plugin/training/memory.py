"""The memory of a training or a step at its worst moment.

On a GPU it is that of PyTorch, on a CPU that of the process.
"""

import ctypes
import gc
import re
from pathlib import Path

import torch

_KIB = 1024  # the unit of /proc/self/status and /proc/meminfo
_RESET_PEAK = '5'  # what /proc/self/clear_refs takes to set VmHWM back, see proc(5)


def resident_memory(field: str) -> int:
    """Return bytes of this process: VmRSS now, VmHWM at most since the last reset (Linux).

    Raises:
        ValueError: if the system does not tell this field.
    """
    return _told(field, '/proc/self/status')


def _told(field: str, path: str) -> int:
    """Bytes that the system tells in a file, in KiB.

    Raises:
        ValueError: if it does not tell this field.
    """
    found = re.search(rf'{field}:\s+(\d+)', Path(path).read_text())
    if found is None:
        raise ValueError(f'{path} must tell {field}, but it does not')
    return _KIB * int(found[1])


def memory_to_train_in() -> int:
    """Return the bytes that trainings share: those of a GPU, or else those of this machine (Linux).

    Of a GPU it is all of it, of the machine what can be had now.
    """
    if torch.cuda.is_available():
        return torch.cuda.get_device_properties(0).total_memory
    return _told('MemAvailable', '/proc/meminfo')


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
