"""The start of a training process: ``python start.py MODULE ARGUMENTS`` runs a module as ``python
-m`` does.

But modules come from where the launcher has them: ``python -m`` looks into the working directory
first, where a user's ``statistics.py`` or folder ``regnet_plugin`` would be taken for the real one.
So nothing may be imported before it is out.
"""

import sys

if __name__ == '__main__':
    if not getattr(sys.flags, 'safe_path', False):  # python -P of 3.11 puts nothing there
        del sys.path[0]  # the folder of this file
    del sys.argv[0]

    import runpy

    runpy.run_module(sys.argv[0], run_name='__main__', alter_sys=True)


def command(module, *arguments):
    """Return the command that runs a module of this environment.

    Args:
        module (str): its full name.
        *arguments: of its own.

    Returns:
        list[str]: for `subprocess`.
    """
    return [sys.executable, __file__, module, *map(str, arguments)]
