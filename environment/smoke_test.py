"""What an installation must be able to do, tried in a folder that holds nothing of the repository.

python smoke_test.py core       where numpy is all that there is
python smoke_test.py reports    where there is all that the package requires
python smoke_test.py networks   where there are torch and OpenMMLab as well
"""

import os
import sys
import tempfile
from importlib.metadata import distribution
from pathlib import Path
from typing import NoReturn

PACKAGE = 'regnet_plugin'


def check_package() -> None:
    """The files of the package are complete, and its metadata are right."""
    import regnet_plugin

    folder = Path(regnet_plugin.__file__).parent
    if (folder.parent / 'setup.py').exists():
        refuse(f'the installed package must be tried, but this is the one in {folder.parent}')
    metadata = distribution(PACKAGE).metadata
    if metadata['Version'] != regnet_plugin.__version__:
        refuse(f'version {metadata["Version"]} is installed as {regnet_plugin.__version__}')
    expected = ['py.typed', 'report/page.css', '.mim/model-index.yml', '.mim/tools/train.py']
    expected += ['.mim/configs/regnetx_6.5mf_digits.py', 'device/models/v100.json']
    missing = [name for name in expected if not (folder / name).is_file()]
    if missing:
        refuse(f'files are missing: {", ".join(missing)}')
    print(f'{PACKAGE} {metadata["Version"]}: complete')


def check_core() -> None:
    """Networks are counted and fitted."""
    from regnet_plugin.core.arch_argument import architecture_of
    from regnet_plugin.core.complexity import complexity
    from regnet_plugin.core.linear_fit import fit

    network = architecture_of('regnetx_3.2gf')
    if complexity(network).flops != 3_176_622_952 or fit(network).e_fit > 0.1:
        refuse(f'RegNetX-3.2GF must have 3,176,622,952 flops, but has {complexity(network)}')
    print('core: RegNetX-3.2GF is counted and fitted')


def check_reports() -> None:
    """A table becomes a page with figures."""
    from regnet_plugin.population.readers import read_records
    from regnet_plugin.report.report import report, write_report

    rows = [f'"1,2,{depth},2","16,32,{8 * depth},128",{40 - depth}\n' for depth in range(2, 14)]
    Path('table.csv').write_text('depths,widths,error\n' + ''.join(rows))
    write_report(report(read_records('table.csv')), 'report.html')
    if '12 networks' not in Path('report.html').read_text():
        refuse('report.html must tell of 12 networks, but does not')
    print('reports: a table became a page')


def check_networks() -> None:
    """A backbone is built by its name in the registry, and computes."""
    import torch
    from mmengine.registry import MODELS

    backbone = MODELS.build(dict(type='regnet_plugin.RegNet', arch='regnety_200mf'))
    shape = tuple(backbone(torch.zeros(1, 3, 64, 64))[-1].shape)
    if shape != (1, 368, 2, 2):
        refuse(f'RegNetY-200MF must give maps of (1, 368, 2, 2), but gives {shape}')
    print('networks: RegNetY-200MF computes')


def refuse(message: str) -> NoReturn:
    """End with one line."""
    sys.exit(f'error: {message}')


LEVELS = {'core': check_core, 'reports': check_reports, 'networks': check_networks}


def main() -> None:
    if sys.argv[1:] not in [[level] for level in LEVELS]:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        check_package()
        for level in list(LEVELS)[: list(LEVELS).index(sys.argv[1]) + 1]:
            LEVELS[level]()
        os.chdir('/')


if __name__ == '__main__':
    main()
