"""Create the project's environment: `make`, `make ops`, `make test` and `make docs` call this.

Only the standard library is used, and only syntax that an old Python reads, so that it can say what
is missing.
"""
import argparse
import ctypes
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path
from shutil import which

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# All four were seen to install and to train; the versions of 3.11 are locked.
SUPPORTED = ((3, 10), (3, 13))
# Both are wanted by OpenCV.
LIBRARIES = {'libGL.so.1': 'libgl1', 'libgthread-2.0.so.0': 'libglib2.0-0'}
# A Slurm for the tests: its two daemons, the commands, their plugins, the authentication, and what
# these link to.
SLURM = ('slurmctld', 'slurmd', 'slurm-client', 'slurm-wlm-basic-plugins', 'munge', 'libmunge2',
         'libhwloc15', 'liblua5.1-0')
GIGABYTES = {'base': '8 GB on disk (3 GB downloaded)', 'ops': '0.1 GB more', 'test': '1 GB more',
             'docs': '0.1 GB more'}
MINUTES = {'base': '3 to 10 minutes', 'ops': '10 to 16 minutes on two cores, for mmcv is compiled',
           'test': 'less than a minute', 'docs': 'less than a minute'}


def missing_packages(ops):
    """Return the Debian packages that have to be installed first, and why, as a dict."""
    missing = {}
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        missing['python3-venv'] = 'creates environments'
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing[package] = 'OpenCV wants ' + library
    if ops and not which('g++'):
        missing['g++'] = "compiles mmcv's ops"
    if ops and not Path(sysconfig.get_paths()['include'], 'Python.h').is_file():
        missing['python3-dev'] = 'Python.h, to compile against'
    return missing


def check_machine(ops):
    """Stop with one line per missing thing and the line that installs it."""
    version = sys.version_info[:2]
    if not SUPPORTED[0] <= version <= SUPPORTED[1]:
        sys.exit('error: Python {}.{} to {}.{} is needed, but this is {}.{}; name another one: '
                 'make PYTHON=python3.11'.format(*SUPPORTED[0], *SUPPORTED[1], *version))
    missing = missing_packages(ops)
    if missing:
        reasons = ''.join('\n  {}: {}'.format(*item) for item in missing.items())
        sys.exit('error: packages of the system are missing:{}\n'
                 'install them with: apt-get install -y {}'.format(reasons, ' '.join(missing)))


class Environment:
    """A virtual environment and what is done to it."""

    def __init__(self, folder, torch_index):
        self.python = str(Path(folder).resolve() / 'bin' / 'python')
        self.folder = folder
        self.torch_index = torch_index

    def create(self):
        subprocess.run([sys.executable, '-m', 'venv', self.folder], check=True)
        self.pip('install', '--upgrade', 'pip', 'setuptools', 'wheel', 'ninja', 'packaging')

    def pip(self, command, *args, **variables):
        pins = ['--constraint', str(HERE / 'pins.txt'), '--constraint', str(HERE / 'docs.txt')]
        lock = HERE / 'lock-py{}.{}.txt'.format(*sys.version_info[:2])
        if lock.is_file():
            pins += ['--constraint', str(lock)]
        quiet = [] if sys.stdout.isatty() else ['--quiet']  # pip's progress bars are for people
        subprocess.run([self.python, '-m', 'pip', command, *quiet, *args, *pins], check=True,
                       env=dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK='1', **variables))

    def run(self, code):
        return subprocess.run([self.python, '-c', code], check=True, stdout=subprocess.PIPE,
                              universal_newlines=True).stdout.strip()

    def install_torch(self):
        """Install the pinned pair.

        Two builds that differ break at `import torchvision`, so that this is tried at once.
        """
        index = ['--index-url', self.torch_index] if self.torch_index else []
        self.pip('install', 'torch', 'torchvision', *index)
        builds = self.run('import torch, torchvision; '
                          'print(torch.__version__, torchvision.__version__)')
        torch_build, vision_build = (
            re.sub(r'^[^+]*\+?', '', version) for version in builds.split()
        )
        if torch_build != vision_build:
            sys.exit('error: torch and torchvision must be of one build, but they are {}; remove '
                     '{} and start again'.format(' and '.join(builds.split()), self.folder))
        print('torch and torchvision: ' + builds, flush=True)

    def install_family(self):
        """Install mmcv without ops, the family, and this package, editable."""
        if not self.has_ops():
            self.install_mmcv(self.build_mmcv('pure'))
        self.pip('install', '--no-build-isolation', '--editable', str(ROOT) + '[onedl,digits]')

    def has_ops(self):
        """Whether mmcv is there with ops that load: those compiled for another torch do not."""
        command = [self.python, '-c', 'import mmcv.ops']
        return subprocess.run(command, stderr=subprocess.DEVNULL).returncode == 0

    def wheel_folder(self, kind):
        """Return where wheels are kept, by torch's version and build.

        pip's own cache would hand out one made for another torch.
        """
        cache = Path(os.environ.get('XDG_CACHE_HOME') or Path.home() / '.cache')
        torch = self.run('import torch; print(torch.__version__)')
        name = '{}-torch-{}-py{}.{}'.format(kind, torch, *sys.version_info[:2])
        return cache / 'regnet_plugin' / 'wheels' / name

    def build_mmcv(self, kind):
        """Return a wheel of mmcv.

        'pure' is built without torch in sight and so without ops, 'ops' with them.
        """
        folder = self.wheel_folder(kind)
        pins = (HERE / 'pins.txt').read_text()
        requirement = re.search(r'^onedl-mmcv==\S+', pins, re.MULTILINE).group()
        pattern = requirement.replace('-', '_').replace('==', '-') + '-*.whl'
        if not list(folder.glob(pattern)):
            isolation = [] if kind == 'pure' else ['--no-build-isolation']
            unfinished = folder.with_name('{}.{}'.format(folder.name, os.getpid()))
            self.pip('wheel', *isolation, '--no-deps', '--no-cache-dir',
                     '--no-binary', 'onedl-mmcv', '--wheel-dir', str(unfinished), requirement)
            folder.mkdir(parents=True, exist_ok=True)
            for wheel in unfinished.iterdir():
                wheel.replace(folder / wheel.name)
            unfinished.rmdir()
        return next(folder.glob(pattern))

    def install_mmcv(self, wheel):
        self.pip('install', '--force-reinstall', '--no-deps', str(wheel))

    def install_ops(self):
        if not self.has_ops():
            self.install_mmcv(self.build_mmcv('ops'))
            self.run('import mmcv.ops')

    def install_docs(self):
        self.pip('install', '--no-build-isolation', '--editable', str(ROOT) + '[onedl,digits,docs]')

    def install_tests(self):
        self.pip('install', '--no-build-isolation', '--editable',
                 str(ROOT) + '[onedl,digits,docs,export,optuna,ray,segmentation,slurm,test]')
        self.unpack('Slurm', 'download', *SLURM)
        self.unpack('Fashion-MNIST', 'download', 'dataset-fashion-mnist')
        if not which('chromium'):
            self.unpack('Chromium', 'install', '--yes', '--download-only',
                        '--no-install-recommends', 'chromium')

    def unpack(self, name, *command):
        """Unpack what a command of apt-get fetches from Debian into a folder of the environment.

        Nothing is installed, and apt's own lists stay as they are. Elsewhere than on Debian the
        other tests run all the same, so this says what is missing and goes on.
        """
        folder = Path(self.folder).resolve() / name.lower()
        if folder.is_dir():
            return
        with tempfile.TemporaryDirectory() as scratch:
            for part in ('lists', 'archives/partial'):
                Path(scratch, part).mkdir(parents=True)
            archives = Path(scratch, 'archives')
            apt = ['apt-get', '-qq']
            for option in ('Dir::State::Lists={}/lists'.format(scratch), 'Dir::Cache=' + scratch,
                           'APT::Sandbox::User=', 'Debug::NoLocking=1'):
                apt += ['-o', option]
            try:
                subprocess.run([*apt, 'update'], check=True, cwd=scratch)
                subprocess.run([*apt, *command], check=True, cwd=str(archives))
            except (OSError, subprocess.CalledProcessError) as error:
                print('note: the tests with {} cannot run, for its packages could not be fetched: '
                      '{}'.format(name, error), flush=True)
                return
            unfinished = folder.with_name('{}.{}'.format(folder.name, os.getpid()))
            for package in archives.glob('*.deb'):
                subprocess.run(['dpkg', '-x', str(package), str(unfinished)], check=True)
            unfinished.replace(folder)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('step', choices=['base', 'ops', 'test', 'docs'], help='what to install')
    parser.add_argument('folder', help='folder of the virtual environment')
    parser.add_argument('--torch-index', metavar='ADDRESS',
                        help="package index for torch and torchvision, such as that of PyTorch's "
                        "CPU builds, which are a tenth of the size; default: pip's own")
    args = parser.parse_args()
    check_machine(ops=args.step in ('ops', 'test'))
    size, duration = GIGABYTES[args.step], MINUTES[args.step]
    print('installing into {}: about {}, {}'.format(args.folder, size, duration), flush=True)
    start = time.time()
    environment = Environment(args.folder, args.torch_index)
    if args.step == 'base':
        environment.create()
        environment.install_torch()
        environment.install_family()
    elif args.step == 'ops':
        environment.install_ops()
    elif args.step == 'docs':
        environment.install_docs()
    else:
        environment.install_tests()
    print('installed in {:.1f} minutes'.format((time.time() - start) / 60), flush=True)


if __name__ == '__main__':
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit('error: this command failed, see above; the same make goes on from here:\n  '
                 + ' '.join(error.cmd))
