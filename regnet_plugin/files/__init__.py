"""Files: written all or nothing, locked, and read with distrust.

Nothing is written, or removed, through a link. What cannot be read *now*, for want of rights, of
file handles, or of an answer of the server, is an `OSError` that names the path, and says nothing
about the content; what was read and is wrong is a `ValueError`.
"""

from regnet_plugin.files.locking import alone_at, locked
from regnet_plugin.files.reading import (
    folders_in,
    is_there,
    names_in,
    naming,
    read_object,
    read_text,
    unambiguous,
)
from regnet_plugin.files.writing import (
    create,
    drop_broken_end,
    folder_beside,
    put_aside,
    remove_unfinished,
    replace,
    unfinished,
    unfinished_folder,
)

__all__ = [
    'alone_at',
    'create',
    'drop_broken_end',
    'folder_beside',
    'folders_in',
    'is_there',
    'locked',
    'names_in',
    'naming',
    'put_aside',
    'read_object',
    'read_text',
    'remove_unfinished',
    'replace',
    'unambiguous',
    'unfinished',
    'unfinished_folder',
]
