"""Counts for Prometheus: how many forms came and how far the releases are. No figure about a department."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from survey.core.access import SYSTEM, acting
from survey.core.models import WaveState
from survey.storage import reads
from survey.storage.database import reading


class Waves(Collector):
    """Live counts of the open waves, read when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        responses = GaugeMetricFamily("survey_responses", "收回的答卷", labels=["wave"])
        release = GaugeMetricFamily("survey_release_number", "第几次发布", labels=["wave"])
        with acting(SYSTEM), reading() as db:
            for wave in reads.waves(db):
                if wave.state == WaveState.OPEN:
                    pulse = reads.pulse(db, wave.id)
                    responses.add_metric([str(wave.id)], pulse.responses)
                    release.add_metric([str(wave.id)], pulse.release)
        yield responses
        yield release


def show_metrics(_request: Request) -> Response:
    """The counts as Prometheus reads them."""
    registry = CollectorRegistry()
    registry.register(Waves())
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def routes() -> list[Route]:
    """The office door's `/metrics`."""
    return [Route("/metrics", show_metrics)]
