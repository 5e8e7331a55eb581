# Misconception: every exported symbol is a function.
# Rejected by: test_a_variable_is_no_door
found = [line.split()[2].partition("@")[0] for line in symbols(path).splitlines()]
return sorted(name.removeprefix("PyInit_") for name in found if name.startswith("PyInit_"))
