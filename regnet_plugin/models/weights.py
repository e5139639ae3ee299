"""Names of our tensors in timm's and torchvision's RegNets, for loading the same weights into both."""
import re


def timm_key(key):
    """Name in timm, such as ``s1.b1.conv2.bn.weight`` for ``layer1.0.bn2.weight``."""
    key = re.sub(r'^conv1\.', 'stem.conv.', key)
    key = re.sub(r'^bn1\.', 'stem.bn.', key)
    key = re.sub(r'\.(conv|bn)([123])\.', lambda match: f'.conv{match[2]}.{match[1]}.', key)
    key = key.replace('.downsample.0.', '.downsample.conv.').replace('.downsample.1.', '.downsample.bn.')
    return re.sub(r'^layer(\d+)\.(\d+)\.', lambda match: f's{match[1]}.b{int(match[2]) + 1}.', key)


def torchvision_key(key):
    """Name in torchvision, such as ``trunk_output.block1.block1-0.f.b.1.weight`` for ``layer1.0.bn2.weight``."""
    key = re.sub(r'^conv1\.', 'stem.0.', key)
    key = re.sub(r'^bn1\.', 'stem.1.', key)
    key = re.sub(r'\.conv([123])\.', lambda match: f'.f.{"abc"[int(match[1]) - 1]}.0.', key)
    key = re.sub(r'\.bn([123])\.', lambda match: f'.f.{"abc"[int(match[1]) - 1]}.1.', key)
    key = key.replace('.se.', '.f.se.').replace('.downsample.', '.proj.')
    return re.sub(r'^layer(\d+)\.(\d+)\.', r'trunk_output.block\1.block\1-\2.', key)
