"""The stand-in servers are shared by several folders of tests."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
