"""Design spaces over configs: any network that OpenMMLab builds, its keys that may vary."""
