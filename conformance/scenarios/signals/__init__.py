"""No signal is lost, and none does harm."""
