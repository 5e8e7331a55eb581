"""What the compiler said, the same on every machine, with hints for a learner."""
