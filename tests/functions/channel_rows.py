"""The channels that the tests of all channels are about, by name: each with its row.

`rest` has none: it proves nothing by itself, queues nothing, and answers any path.
"""

from __future__ import annotations

from tests.channel_folders import of_all
from tests.functions.harness import Row

ROWS: dict[str, Row] = of_all("row")
