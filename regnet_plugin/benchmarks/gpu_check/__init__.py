"""What can only be seen on a GPU, measured part by part: tools/check_gpu.py."""
