"""Makes a server of this machine stand for all hosts of https.

It does so for every Python that has this folder on its PYTHONPATH.

Its files have names of published ones, whose hashes they cannot have.
"""

import os
import urllib.request

from loopback import opener_to

from regnet_plugin.weights import download

urllib.request.install_opener(opener_to(os.environ['LOOPBACK']))
download.hash_in = lambda name: ''
