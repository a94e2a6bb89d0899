"""A stop reaches everything, gives each daemon its time, and ends."""
