"""What is scarce or broken does not end the supervision."""
