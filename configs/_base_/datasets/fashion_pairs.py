"""Two garments of Fashion-MNIST that overlap on 36x36 pixels, 100 classes: 24,000 pairs to train with and 5,000 to test on."""

_base_ = 'fashion.py'

dataset_type = 'regnet_plugin.FashionPairs'

data_preprocessor = dict(num_classes=100, mean=[78.0] * 3, std=[93.0] * 3)

train_dataloader = dict(batch_size=64, dataset=dict(type=dataset_type, images=24000, image_size=36))
val_dataloader = dict(dataset=dict(type=dataset_type, images=5000, image_size=36))
test_dataloader = dict(dataset=dict(type=dataset_type, images=5000, image_size=36))
