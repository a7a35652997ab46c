"""一键测评: enterprises rate departments; see docs and README."""

import os

# Small matrices in several processes: a thread per processor for each costs more than it saves.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
