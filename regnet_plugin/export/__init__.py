"""Networks for where there is no OpenMMLab: as ONNX files and as programs of torch.export."""
