"""The AWS API on loopback, by moto's server, empty for each test that asks for it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer


@contextmanager
def an_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Callable[[str], Any]]]:
    """Its address, and clients by service."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    try:
        yield address, lambda service: boto3.client(service, region_name="us-east-1", endpoint_url=address)
    finally:
        boto3.client("sts", region_name="us-east-1", endpoint_url=address)
        _reset(address)
        server.stop()


def _reset(address: str) -> None:
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST")).close()  # noqa: S310
