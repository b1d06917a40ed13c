"""The plots, a file each. A plot knows the run it sees and its theme, and no other plot."""
