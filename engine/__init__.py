"""Softmax regression: data in, training as a stream, classifier out. NumPy, no Qt; usable from a notebook."""
