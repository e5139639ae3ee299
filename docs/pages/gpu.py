"""docs/reference/gpu.md, made of gpu.json beside it; without that, what will be measured."""

from pathlib import Path

from regnet_plugin.benchmarks.gpu_check.page import gpu_page
from regnet_plugin.benchmarks.gpu_check.parts import kinds_of_rows
from regnet_plugin.benchmarks.gpu_check.record import read_check


def measured_on_a_gpu(root: Path) -> str:
    """The page of a tree."""
    return gpu_page(read_check(root / 'docs/reference/gpu.json', kinds_of_rows(root)), root)
