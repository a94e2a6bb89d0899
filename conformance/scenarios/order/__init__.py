"""Daemons start when what they need is ready, and hung ones are found."""
