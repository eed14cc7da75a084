"""Questions to an account over boto3, page after page; what is refused is noted, and the rest goes on."""

from collections.abc import Iterable, Iterator
from typing import Any

from tonnage.iac.account.actions import Call
from tonnage.workload import TemplateError

_RETRIES = {"mode": "adaptive", "max_attempts": 10}
"""boto3's own back-off, which slows down as an account throttles."""


class Account:
    """What answers for one account in one Region; it satisfies ``found.Ask``.

    Attributes:
        region: The Region.
        notes: What was refused, each once, in order.
        answered: Whether anything was.
    """

    def __init__(self, region: str, *, endpoint_url: str | None = None) -> None:
        """Nothing is asked yet.

        Args:
            region: The Region.
            endpoint_url: Where to ask instead of AWS.

        Raises:
            TemplateError: boto3 is not there, or there is no such Region.
        """
        try:
            import boto3
        except ImportError:
            raise TemplateError(
                "Reading an account needs boto3", remedy="Install it: pip install 'tonnage[aws]'."
            ) from None
        self.region = region
        self.notes: dict[str, None] = {}
        self.answered = False
        self._endpoint_url = endpoint_url
        self._session = boto3.session.Session(region_name=region)
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:  # noqa: ANN401
        """boto3's client of a service, made once.

        Args:
            service: boto3's name of it.

        Raises:
            TemplateError: There is no such Region, or the address is none.
        """
        from botocore.config import Config

        if service not in self._clients:
            try:
                self._clients[service] = self._session.client(
                    service, endpoint_url=self._endpoint_url, config=Config(retries=_RETRIES)
                )
            except ValueError as error:
                raise TemplateError(f"The account cannot be asked: {error}", remedy="Check --endpoint-url.") from None
        return self._clients[service]

    def __call__(self, service: str, operation: str, key: str, **arguments: object) -> Iterator[Any]:
        """Items of all pages below a key of the answers; nothing, and a note, where AWS refuses.

        Raises:
            TemplateError: Nobody answers, or there are no credentials.
        """
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            for page in self._pages(service, operation, arguments):
                self.answered = True
                value = page.get(key)
                if isinstance(value, list):
                    yield from value
                elif value is not None:
                    yield value
        except ClientError as error:
            said = error.response.get("Error", {})
            what = str(said.get("Message") or "").partition("\n")[0][:200]
            self.notes.setdefault(f"{service}: {error.operation_name} was refused: {said.get('Code')}: {what}")
        except (BotoCoreError, ResponseParserError) as error:
            if not self.answered:
                raise TemplateError(
                    f"The account cannot be asked: {error}", remedy="Give credentials as for the AWS command line."
                ) from None
            self.notes.setdefault(f"{service}: {operation} had no answer: {str(error).partition(chr(10))[0][:200]}")

    def send(self, call: Call) -> None:
        """Make a call that changes something.

        Raises:
            TemplateError: AWS refuses, or does not answer.
        """
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            getattr(self.client(call.service), call.operation)(**call.arguments)
        except ClientError as error:
            said = error.response.get("Error", {})
            raise TemplateError(
                f"{call.service} {call.operation} was refused: {said.get('Code')}: {said.get('Message')}"
            ) from None
        except BotoCoreError as error:
            raise TemplateError(f"{call.service} {call.operation} failed: {error}") from None

    def _pages(self, service: str, operation: str, arguments: dict[str, object]) -> Iterable[Any]:
        client = self.client(service)
        if client.can_paginate(operation):
            pages: Iterable[Any] = client.get_paginator(operation).paginate(**arguments)
            return pages
        return [getattr(client, operation)(**arguments)]
