"""What a config says of its data, images, metrics and length, and settings that it is given."""
