"""The record of a run, and the files it leaves behind."""
