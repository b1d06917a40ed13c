"""From a file or a generator to arrays ready for training."""
