"""Makes plain `pytest --nbval notebooks/` compare as strictly as `rustcell check` does."""

pytest_plugins = ["rustcell.course.nbval_kernel"]
