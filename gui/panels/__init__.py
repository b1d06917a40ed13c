"""The panels around the plots, a file each. A panel talks to the session and to nobody else."""
