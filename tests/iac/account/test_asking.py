"""Questions over HTTP: throttled ones are asked again, refused ones are noted, unanswered ones told."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tonnage.iac.account.asking import Account
from tonnage.workload import TemplateError


class _Busy(BaseHTTPRequestHandler):
    """Too busy twice, then answers."""

    asked = 0

    def do_POST(self) -> None:
        type(self).asked += 1
        self.rfile.read(int(self.headers["Content-Length"]))
        busy = type(self).asked <= 2
        body = b'{"__type": "ThrottlingException", "message": "Rate exceeded"}' if busy else b'{"QueueUrls": ["q"]}'
        self.send_response(400 if busy else 200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def busy(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    _Busy.asked = 0
    server = HTTPServer(("127.0.0.1", 0), _Busy)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_throttled_call_is_asked_again(busy: str) -> None:
    account = Account("us-east-1", endpoint_url=busy)
    assert list(account("sqs", "list_queues", "QueueUrls")) == ["q"]
    assert _Busy.asked == 3
    assert not account.notes


def test_no_credentials_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(TemplateError, match="cannot be asked: Unable to locate credentials"):
        list(Account("us-east-1")("sqs", "list_queues", "QueueUrls"))


def test_an_address_that_is_none_is_told() -> None:
    with pytest.raises(TemplateError, match="Invalid endpoint"):
        Account("us-east-1", endpoint_url="nowhere").client("sqs")
