"""Reading an address in a process of its own, which can be killed."""

import os
import traceback

from tool_process import _context


def _read(address, home, answer):
    os.environ.update(TORCH_HOME=str(home), no_proxy='127.0.0.1')
    from regnet_plugin.weights.addresses import read_checkpoint

    try:
        answer.send(len(read_checkpoint(address)))
    except ValueError as error:
        answer.send(str(error))
    except Exception:  # for the test, which fails with it
        answer.send(traceback.format_exc())


def start_reading(address, home):
    """Start a process that reads the weights at an address.

    It keeps the file in a folder's ``hub``.

    Returns:
        tuple[multiprocessing.Process, Callable]: and what waits for the number of tensors, or what
            is said of an error.
    """
    here, there = _context.Pipe(duplex=False)
    process = _context.Process(target=_read, args=(address, home, there))
    process.start()
    there.close()
    return process, here.recv
