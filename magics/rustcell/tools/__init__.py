"""The tools of a build: found, started, ended, and what it means when they fail."""
