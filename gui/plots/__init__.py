"""The plots, a file each. A plot knows the session and its theme, and no other plot."""
