"""Counts for Prometheus: how many forms came and how far the releases are. No figure about a department.

Only for this machine itself, or for whoever brings the token of `SURVEY_METRICS_TOKEN`.
"""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from survey.core.accounts.access import SYSTEM, acting
from survey.settings import get_settings
from survey.storage.database import reading
from survey.storage.waves import arriving, published
from survey.web.office.origins import names_this_machine

FORWARDED = ("x-forwarded-for", "x-forwarded-host", "x-real-ip", "forwarded", "via")
CLOSED = "请带上令牌（设置 SURVEY_METRICS_TOKEN），或在服务器本机上读取。"


class Waves(Collector):
    """Live counts of the waves that take forms, read when they are asked for."""

    def collect(self) -> Iterator[Metric]:
        responses = GaugeMetricFamily("survey_responses", "收回的答卷", labels=["wave"])
        release = GaugeMetricFamily("survey_release_number", "第几次发布", labels=["wave"])
        with acting(SYSTEM), reading() as db:
            for wave in published.waves(db):
                pulse = arriving.pulse(db, wave.id, datetime.now(UTC))
                if pulse.phase.taking:
                    responses.add_metric([str(wave.id)], pulse.responses)
                    release.add_metric([str(wave.id)], pulse.release)
        yield responses
        yield release


def show_metrics(request: Request) -> Response:
    """The counts as Prometheus reads them."""
    if not (_has_token(request) or _is_local(request)):
        return PlainTextResponse(CLOSED, 401, {"WWW-Authenticate": "Bearer"})
    registry = CollectorRegistry()
    registry.register(Waves())
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")


def _has_token(request: Request) -> bool:
    wanted = get_settings().metrics_token
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    same = hmac.compare_digest(given.strip().encode(), wanted.encode())
    return bool(wanted) and kind.lower() == "bearer" and same


def _is_local(request: Request) -> bool:
    """Asked on this machine, under its own name, and by no proxy for somebody else."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback and names_this_machine(request.headers.get("host", ""))


def routes() -> list[Route]:
    """The office door's `/metrics`."""
    return [Route("/metrics", show_metrics)]
