"""The start of a training process: ``python start.py MODULE ARGUMENTS`` runs a module.

It does so as ``python -m`` does.

But modules come from where the launcher has them: ``python -m`` looks into the working directory
first, where a user's ``statistics.py`` or folder ``regnet_plugin`` would be taken for the real one.
So nothing may be imported before that directory is out of ``sys.path``.
"""

import sys

if __name__ == '__main__':
    # Python puts the folder of this file first, but not if it was started with -P (from 3.11 on).
    if not getattr(sys.flags, 'safe_path', False):
        del sys.path[0]
    del sys.argv[0]

    import runpy

    runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)


def command(module: str, *arguments: object) -> list[str]:
    """Return the command, for `subprocess`, that runs a module of this environment.

    Args:
        module: its full name.
        *arguments: of its own, written as ``str`` writes them.
    """
    return [sys.executable, __file__, module, *(str(argument) for argument in arguments)]
