import sys
from tests.bench import worlds, journeys

with worlds.world() as folder:
    for row in journeys.measure(
        folder, float(sys.argv[1]), int(sys.argv[2]), tuple(int(x) for x in sys.argv[3].split(","))
    ):
        print({k: round(v, 2) if isinstance(v, float) else v for k, v in row.items()}, flush=True)
