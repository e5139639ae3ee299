"""Fashion-MNIST as Debian packs it: in the system, or unpacked when the tests are installed."""

import sys
from pathlib import Path

_PLACE = 'usr/share/datasets/fashion-mnist'
_CANDIDATES = (Path('/', _PLACE), Path(sys.prefix, 'fashion-mnist', _PLACE))
FASHION = next((folder for folder in _CANDIDATES if folder.is_dir()), None)
