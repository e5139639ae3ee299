"""What a training runs on and with: the processor, and the versions of packages."""

import platform
import re
from pathlib import Path

import mmcv
import mmengine
import numpy as np
import torch

from regnet_plugin import __version__


def device() -> str:
    """Name what a training in this process runs on: the GPU, or the CPU and its threads."""
    if torch.cuda.is_available():
        return processor()
    return f'{processor()}, {torch.get_num_threads()} threads'


def processor() -> str:
    """Name the GPU, or the CPU where there is none."""
    if torch.cuda.is_available():
        return torch.cuda.get_device_name()
    return cpu()


def cpu() -> str:
    """Name the CPU."""
    try:
        found = re.search(r'model name\s*: (.+)', Path('/proc/cpuinfo').read_text())
    except OSError:
        found = None
    return platform.processor() if found is None else found[1]


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that decide what a training comes to."""
    return dict(
        regnet_plugin=__version__,
        torch=torch.__version__,
        mmengine=mmengine.__version__,
        mmcv=mmcv.__version__,
        numpy=np.__version__,
        python=platform.python_version(),
    )
