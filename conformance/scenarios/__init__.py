"""The scenarios, one file each. Each has a title (its docstring), WHY, BITTEN, NEEDS, and check(test)."""
