"""Which checkpoint a killed run goes on from."""

import errno
import re
import zipfile
from pathlib import Path

from regnet_plugin.files import names_in, naming
from regnet_plugin.population.runs.run import noted_checkpoint

# of errors that damaged bytes make: places in a file, names
_DAMAGED = (None, errno.EINVAL, errno.ENAMETOOLONG)


def _is_whole(path):
    """Whether a checkpoint was written to its end and is undamaged: it is a zip with a checksum for
    every part.

    Raises:
        OSError: naming it, if it cannot be read now.
    """
    try:
        with naming(path), zipfile.ZipFile(path) as parts:
            return (
                any(name.endswith('data.pkl') for name in parts.namelist())
                and parts.testzip() is None
            )
    except (FileNotFoundError, IsADirectoryError):
        return False
    except OSError as error:
        if error.errno not in _DAMAGED:
            raise
        return False
    except Exception:  # damaged bytes can pass for another encoding, a later format, a password, …
        return False


def newest_checkpoint(work_dir):
    """Find the newest whole checkpoint of a run, whatever moment the run was killed at.

    MMEngine notes it in ``last_checkpoint``, which a kill can leave empty or damaged; then the
    files themselves are asked, of which a kill can have cut off the newest.

    Args:
        work_dir (str | Path): folder with ``epoch_*.pth`` or ``iter_*.pth``.

    Returns:
        Path | None: None if there is none.

    Raises:
        OSError: naming what cannot be read now: a training does not go on from an older one for
            that.
    """
    work_dir = Path(work_dir)
    noted = noted_checkpoint(work_dir)
    others = [
        work_dir / name
        for name in names_in(work_dir)
        if re.fullmatch(r'(epoch|iter)_\d+\.pth', name)
    ]
    others = list(filter(Path.is_file, others))  # no links to nothing
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return next(filter(_is_whole, [work_dir / noted, *others] if noted else others), None)
