"""What the training of a population will cost, told before it begins."""
