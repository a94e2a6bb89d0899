"""A daemon gets a clean process: descriptors, signals, user, variables."""
