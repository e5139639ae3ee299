"""The bar of tools/sample_population.py, once it takes longer than two seconds."""
import time
from contextlib import contextmanager

PATIENCE = 2.0  # seconds


@contextmanager
def sampling_progress(size):
    """Give a function to be told the networks found and the candidates looked at."""
    bar, start = None, time.monotonic()

    def tell(found, attempts):
        nonlocal bar
        if bar is None and time.monotonic() - start > PATIENCE:
            bar = _bar()
            bar.start()
            bar.add_task('', total=size)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=found, description=f'{found / attempts:.2%} of {attempts:,} accepted')

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def _bar():
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    return Progress(MofNCompleteColumn(), BarColumn(), TextColumn('{task.description}'), TextColumn('ETA'),
                    TimeRemainingColumn())
