"""The real catalogue files are not part of the project: tested where they are given."""

from __future__ import annotations

import os

collect_ignore = [] if os.environ.get("TCO_CATALOGUES") else ["test_real_files.py"]
