# Misconception: the file's name says which module is inside.
# Rejected by: test_one_door, test_the_file_name_does_not_matter
from pathlib import Path

return [Path(path).name.partition(".")[0]]
