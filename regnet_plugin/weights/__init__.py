"""Pretrained weights of other libraries: by address, from files, and out again."""
