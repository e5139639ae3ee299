import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest


@pytest.fixture(scope='session')
def trained():
    """Columns of 32 networks that others trained on ImageNet, and what is expected of them.

    Source and licence stand in the file.
    """
    data = json.loads(Path(__file__).with_name('trained_population.json').read_text())
    columns = {name: np.array(column, dtype=float) for name, column in data['columns'].items()}
    return SimpleNamespace(columns=columns, errors=columns['err'], **data['expected'])
