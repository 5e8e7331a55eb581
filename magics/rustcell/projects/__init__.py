"""A module outside of the notebook: its expansion, its stubs, its wheel, its project."""
