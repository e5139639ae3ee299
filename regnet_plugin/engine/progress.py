"""The bar of a tool, once it takes longer than two seconds."""
import time
from contextlib import contextmanager

PATIENCE = 2.0  # seconds


@contextmanager
def progress_bar():
    """Give a function to be told how many are done, how many there will be, and a text to stand beside the bar."""
    bar, start = None, time.monotonic()

    def tell(done, total, text=''):
        nonlocal bar
        if bar is None and time.monotonic() - start > PATIENCE:
            bar = _bar()
            bar.start()
            bar.add_task('')
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=total, description=text)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def _bar():
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(MofNCompleteColumn(), BarColumn(), TextColumn('{task.description}'), TextColumn('ETA'),
                    TimeRemainingColumn(), console=Console(stderr=True))
