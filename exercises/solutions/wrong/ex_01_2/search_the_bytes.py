# Misconception: a name that stands somewhere in the file is a door.
# Rejected by: test_a_text_is_no_door
import re
from pathlib import Path

names = re.findall(rb"PyInit_(\w+)", Path(path).read_bytes())
return sorted({name.decode() for name in names})
