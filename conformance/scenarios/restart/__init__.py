"""A dead daemon is started again, or the container ends and says why."""
