"""Which checkpoint a killed run goes on from."""

import errno
import re
import zipfile
from pathlib import Path

from regnet_plugin.files import names_in, naming
from regnet_plugin.population.runs.run import noted_checkpoint

# Errors that damaged bytes make when they are taken for places in a file, or for names; None is
# that of an OSError that Python itself raises.
_DAMAGED = (None, errno.EINVAL, errno.ENAMETOOLONG)
_REGULAR = re.compile(r'(epoch|iter)_\d+\.pth')  # not the best one: training goes on from the last


def newest_checkpoint(work_dir: str | Path) -> Path | None:
    """Find the newest whole checkpoint of a run, whatever moment the run was killed at.

    MMEngine notes it in ``last_checkpoint``, which a kill can leave empty or damaged; then the
    files themselves are asked, of which a kill can have cut off the newest.

    Args:
        work_dir: folder with ``epoch_*.pth`` or ``iter_*.pth``.

    Returns:
        None if there is none.

    Raises:
        OSError: naming what cannot be read now: a training does not go on from an older one for
            that.
    """
    work_dir = Path(work_dir)
    candidates = _by_age(work_dir)
    noted = noted_checkpoint(work_dir)
    if noted:
        candidates.insert(0, work_dir / noted)
    for path in candidates:
        if _is_whole(path):
            return path
    return None


def _by_age(work_dir: Path) -> list[Path]:
    """The checkpoints in a folder, the newest first; without links to nothing."""
    named = [work_dir / name for name in names_in(work_dir) if _REGULAR.fullmatch(name)]
    paths = [path for path in named if path.is_file()]
    return sorted(paths, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _is_whole(path: Path) -> bool:
    """Whether a checkpoint was written to its end and is undamaged.

    It is a zip with a checksum for every part.

    Raises:
        OSError: naming it, if it cannot be read now.
    """
    try:
        with naming(path), zipfile.ZipFile(path) as parts:
            has_data = any(name.endswith('data.pkl') for name in parts.namelist())
            return has_data and parts.testzip() is None
    except (FileNotFoundError, IsADirectoryError):
        return False
    except OSError as error:
        if error.errno not in _DAMAGED:
            raise
        return False
    except Exception:  # damaged bytes can pass for another encoding, a later format, a password, …
        return False
