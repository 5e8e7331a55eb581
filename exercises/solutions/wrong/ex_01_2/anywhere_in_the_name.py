# Misconception: Python searches for a symbol that contains PyInit_.
# Rejected by: test_the_name_must_begin_with_it
lines = [line for line in symbols(path).splitlines() if " T " in line and "PyInit_" in line]
return sorted(line.partition("PyInit_")[2].partition("@")[0] for line in lines)
