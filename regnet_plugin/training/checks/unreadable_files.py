"""Which file of a dataset is missing or broken? Only reading it tells."""

import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from regnet_plugin.cli.errors import UserError, in_one_line


@contextmanager
def files_explained(name: str) -> Iterator[None]:
    """Say in one line which file of a dataset is missing or broken.

    Args:
        name: what the message calls the config.

    Raises:
        UserError: in the place of the error of who read a file of COCO's annotations or, in a
            worker or not, an image.
    """
    try:
        yield
    except UserError:
        raise
    except Exception as error:  # each library has its own; all others go on
        said = _said_of_files(error)
        if said is None:
            raise
        raise UserError(f'{name}: {said}') from error


def _said_of_files(error: Exception) -> str | None:
    """What an error says of a file; None if it is another error."""
    annotations = _annotations_that_failed(error)
    if annotations:
        return f'{annotations} cannot be used: {_said_of_annotations(error)}'
    lines = str(error).strip().splitlines()
    text = lines[-1] if lines else ''  # the text of a worker's error holds its traceback
    if '!buf.empty()' in text:  # OpenCV's decoder
        return 'a file of an image is empty; find FOLDER -empty says which'
    if isinstance(error, FileNotFoundError) or 'failed to load image' in text:
        return re.sub('^[A-Za-z]+Error: ', '', text)
    return None


def _annotations_that_failed(error: Exception) -> str | None:
    """The file of the dataset of COCO's kind that was being made ready."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        reader: Any = frame.f_locals.get('self')
        if hasattr(reader, 'COCOAPI') and frame.f_code.co_name == 'full_init':
            return reader.ann_file
    return None


def _said_of_annotations(error: Exception) -> str:
    if 'need at least one array to concatenate' in str(error):  # MMEngine of an empty list
        return 'no image is left that is large enough and has a label of the classes'
    return f'{type(error).__name__}: {in_one_line(error)}'
