"""From a finished build to a live module: loaded, bound, installed, remembered."""
