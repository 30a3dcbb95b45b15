"""What the application costs, in ratios of one run: `make bench`, or `python -m benchmarks`.

A benchmark is a module of this package with `run(options: Options) -> list[Table]`, named in
`__main__.NAMES`. The first line of its docstring says what it measures.
"""

import ops  # noqa: F401 - puts the layer's packages on the path
