"""docs/reference/gpu.md: what was measured on a GPU, or that nothing was."""

from killing import ROOT
from pages.gpu import measured_on_a_gpu


def test_the_page_is_what_was_measured():
    page = measured_on_a_gpu(ROOT)
    assert (ROOT / 'docs/reference/gpu.md').read_text() == page, 'run docs/make_pages.py --write'
    is_measured = (ROOT / 'docs/reference/gpu.json').exists()
    assert ('**Not measured on a GPU.**' in page) != is_measured
