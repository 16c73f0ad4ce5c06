"""The Django project: settings from the environment, and nothing else."""
