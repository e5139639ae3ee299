"""Networks for where there is no OpenMMLab: ONNX files and programs of torch.export."""
