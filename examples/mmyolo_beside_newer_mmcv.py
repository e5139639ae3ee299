"""Import mmyolo 0.6.0 where mmcv is newer than it allows (docs/how_to/yolo.md).

mmyolo's last release, of 2023, refuses mmcv from 2.1.0 on as it is imported. A config that names
this module in `custom_imports` has it imported all the same: for that moment mmcv says that it is
2.0.1. Nothing else is changed, and a warning says that it was done. What mmyolo then does with a
newer mmcv is nobody's promise.
"""

import warnings

import mmcv

_there = mmcv.__version__
mmcv.__version__ = '2.0.1'  # the last that mmyolo 0.6.0 takes
try:
    import mmyolo
finally:
    mmcv.__version__ = _there
warnings.warn(
    f'mmyolo {mmyolo.__version__} is for mmcv below 2.1.0, and was imported beside {_there}',
    stacklevel=1,
)
