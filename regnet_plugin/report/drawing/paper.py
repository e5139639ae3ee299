"""Figures as wide as the columns of a paper, to be included without scaling."""

import io
import re

from pypdf import PdfReader, PdfWriter

COLUMN, TEXT = 3.25, 6.875  # inches: a column, and the text across both, as CVPR prints them
_WIDEST_OF_COLUMN = 4.7  # inches of a figure that is still read when it is as wide as a column
_POINTS = 72  # in an inch
_VIEW = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def paper_width(width: float) -> float:
    """Return how wide a figure is in a paper, in inches.

    Args:
        width: as it is drawn, in inches.
    """
    return COLUMN if width <= _WIDEST_OF_COLUMN else TEXT


def scaled_pdf(content: bytes, factor: float) -> bytes:
    """Scale the one page of a PDF; the same content gives the same bytes.

    Args:
        content: of the file.
        factor: of widths and heights.
    """
    (page,) = PdfReader(io.BytesIO(content)).pages
    writer = PdfWriter()
    writer.add_page(page).scale_by(factor)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def scaled_svg(text: str, factor: float) -> str:
    """Give an SVG a width and a height.

    Args:
        text: of the element, whose box is in points.
        factor: of both.
    """

    def with_size(found: re.Match[str]) -> str:
        width, height = (float(number) * factor / _POINTS for number in found.groups())
        return f'{found[0]} width="{width:.4g}in" height="{height:.4g}in"'

    return _VIEW.sub(with_size, text, count=1)
