"""Which checkpoint a killed run goes on from."""
import re
import zipfile
from pathlib import Path


def _is_whole(path):
    """Whether a checkpoint was written to its end and is undamaged: it is a zip with a checksum for every part."""
    try:
        with zipfile.ZipFile(path) as parts:
            return any(name.endswith('data.pkl') for name in parts.namelist()) and parts.testzip() is None
    except (OSError, zipfile.BadZipFile):
        return False


def newest_checkpoint(work_dir):
    """Find the newest whole checkpoint of a run, whatever moment the run was killed at.

    MMEngine notes it in ``last_checkpoint``, which a kill can leave empty; then the files themselves are asked, of which a
    kill can have cut off the newest.

    Args:
        work_dir (str | Path): folder with ``epoch_*.pth`` or ``iter_*.pth``.

    Returns:
        Path | None: None if there is none.
    """
    work_dir = Path(work_dir)
    note = work_dir / 'last_checkpoint'
    noted = [work_dir / Path(note.read_text(errors='replace').strip()).name] if note.is_file() else []
    others = [path for path in work_dir.glob('*.pth') if re.fullmatch(r'(epoch|iter)_\d+\.pth', path.name)]
    others.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
    return next(filter(_is_whole, noted + others), None)
