"""From a crate to a finished build in the cache, and the cache itself."""
