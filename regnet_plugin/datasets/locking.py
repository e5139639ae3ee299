"""Files that one of several processes makes while the others wait."""
import fcntl
from contextlib import contextmanager


@contextmanager
def locked(path, wait):
    """Hold a lock, which ends with the process, too, however that ends.

    Args:
        path (Path): of the file that stands for the lock; it stays.
        wait (Callable[[], None]): called once if another process holds it, before waiting.
    """
    with open(path, 'a') as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            wait()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
