"""On PYTHONPATH this makes every Python one for which a server of this machine stands for all hosts of https."""
import os
import urllib.request

from loopback import opener_to

urllib.request.install_opener(opener_to(os.environ['LOOPBACK']))
