"""The AWS API on loopback, by moto's server, empty for each test that asks for it."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tonnage.iac.account.asking import Account
from tonnage.iac.account.found import Found, Reader


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
        _reset(address)
        server.stop()


def _reset(address: str) -> None:
    import urllib.request

    urllib.request.urlopen(urllib.request.Request(f"{address}/moto-api/reset", method="POST")).close()


def found(
    monkeypatch: pytest.MonkeyPatch, reader: Reader, make: Callable[[Callable[[str], Any]], object]
) -> list[Found]:
    """What a reader finds after something was made."""
    with an_account(monkeypatch) as (address, client):
        make(client)
        account = Account("us-east-1", endpoint_url=address)
        return list(reader.read(account))


class Answers:
    """An account that answers what it is told: for calls that the server does not know."""

    region = "us-east-1"

    def __init__(self, answers: Mapping[str, object]) -> None:
        """Items by operation."""
        self.answers = answers

    def __call__(self, service: str, operation: str, key: str, **arguments: object) -> Iterator[Any]:  # noqa: ARG002
        """The items of an operation; nothing where none is told."""
        value = self.answers.get(operation, [])
        yield from value if isinstance(value, list) else [value]


def only(things: list[Found], kind: str) -> Found:
    """The one of a kind."""
    (each,) = [each for each in things if each.kind == kind]
    return each
