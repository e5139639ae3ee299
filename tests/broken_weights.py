"""Files that look like checkpoints and are none, and code in a file that leaves a trace."""

import io
import os
import pickle
import zipfile

import numpy as np
import torch
from safetensors.torch import save_file

PAGE = (
    '<!DOCTYPE html>\n<html><title>404 Not Found</title><body>and some more that makes it long'
    ' enough</body></html>'
)


class Harm:
    """Makes a folder when it is loaded."""

    def __init__(self, trace):
        self.trace = str(trace)

    def __reduce__(self):
        return os.mkdir, (self.trace,)


def _good():
    return {'conv1.weight': torch.randn(32, 3, 3, 3), 'bn1.weight': torch.ones(32)}


def _torchs(**kwargs):
    stream = io.BytesIO()
    torch.save(_good(), stream, **kwargs)
    return stream.getvalue()


def _scripted(path):
    torch.jit.script(torch.nn.Linear(2, 2)).save(str(path))


def _zipped(path):
    with zipfile.ZipFile(path, 'w') as file:
        file.writestr('readme.txt', 'x' * 99)


def write_broken(folder, trace):
    """Write the files of `BROKEN`.

    Args:
        folder (Path): that they are written into.
        trace (Path): of a folder that is there once the code in one has run.
    """
    zipped, legacy = _torchs(), _torchs(_use_new_zipfile_serialization=False)
    save_file(_good(), folder / 'whole.safetensors')
    tensors = (folder / 'whole.safetensors').read_bytes()
    (folder / 'whole.safetensors').unlink()
    contents = {
        'cut.pth': zipped[: len(zipped) // 2],
        'cut.pyth': legacy[: len(legacy) // 2],
        'cut-late.pyth': legacy[:-9],
        'cut.safetensors': tensors[: len(tensors) // 2],
        'cut-late.safetensors': tensors[:-1],
        'cut.pkl': zipped,
        'other.safetensors': zipped,
        'page.pth': PAGE,
        'page.safetensors': '\n' + PAGE,
        'page.pkl': PAGE,
        'answer.pth': '{"error": "Repository not found"}' + ' ' * 64,
        'empty.pth': '',
        'zeros.pth': bytes(4096),
        'objects.pkl': pickle.dumps(dict(model=dict(x=np.array([{}, None] * 9)))),
        'words.pkl': pickle.dumps(dict(model=dict(x=np.array(['a', 'b'] * 9)))),
        'harm.pkl': pickle.dumps(dict(model=Harm(trace), more='x' * 99)),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    saved = {
        'harm.pth': dict(_good(), x=Harm(trace)),
        'harm-beside.pth': dict(state_dict=_good(), meta=Harm(trace)),
        'none.pth': dict(epoch=3, note='x' * 99),
        'list.pth': [torch.ones(99)],
        'no-tensors.pth': dict(state_dict={}),
        'nested.pth': dict(state_dict=dict(backbone=_good())),
        'sparse.pth': dict(_good(), x=torch.eye(9).to_sparse()),
        'valueless.pth': dict(x=torch.ones(9, device='meta')),
    }
    for name, value in saved.items():
        torch.save(value, folder / name)
    torch.save(
        dict(_good(), x=Harm(trace)), folder / 'harm.pyth', _use_new_zipfile_serialization=False
    )
    _scripted(folder / 'script.pth')
    _zipped(folder / 'zip.pth')


_NO = 'no checkpoint'
_SAID = {
    'cut': _NO,
    'other': _NO,
    'page': 'must be a checkpoint, but it is a page of HTML: .*DOCTYPE',
    'answer': _NO,
    'empty': 'but it has 0 bytes',
    'zeros': _NO,
    'objects': _NO,
    'words': _NO,
    'harm': 'must hold weights, .* but it calls',
    'none': 'must hold a state dict',
    'list': 'must hold a state dict',
    'no-tensors': 'must hold a state dict',
    'nested': 'must hold a state dict',
    'sparse': 'must hold plain tensors',
    'valueless': 'must hold plain tensors',
    'script': _NO,
    'zip': _NO,
}
_NAMES = [
    'cut.pth',
    'cut.pyth',
    'cut-late.pyth',
    'cut.safetensors',
    'cut-late.safetensors',
    'cut.pkl',
    'other.safetensors',
    'page.pth',
    'page.safetensors',
    'page.pkl',
    'answer.pth',
    'empty.pth',
    'zeros.pth',
    'objects.pkl',
    'words.pkl',
    'harm.pth',
    'harm-beside.pth',
    'harm.pkl',
    'harm.pyth',
    'none.pth',
    'list.pth',
    'no-tensors.pth',
    'nested.pth',
    'sparse.pth',
    'valueless.pth',
    'script.pth',
    'zip.pth',
]
BROKEN = {
    name: next(said for part, said in _SAID.items() if name.startswith(part)) for name in _NAMES
}
