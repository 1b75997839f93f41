"""`python -m embody.command_line` is `embody`."""

import sys

from embody.command_line.main import main

sys.exit(main())
