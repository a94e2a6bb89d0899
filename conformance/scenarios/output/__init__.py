"""Each line comes out once, whole, and under the right name."""
