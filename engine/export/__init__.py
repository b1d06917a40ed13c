"""A trained classifier -> files for other programs and other days."""
