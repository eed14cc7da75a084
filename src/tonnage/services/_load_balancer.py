"""What all load balancers declare alike: how much traffic goes through them, for their price."""

from tonnage.services._face import Characteristic
from tonnage.workload import assumed

GB = 1e9
"""Bytes of the GB that AWS bills data by."""

NEW_CONNECTIONS = Characteristic(
    name="new_connections_per_request",
    quantity=assumed(
        0.1,
        "1",
        "browsers and SDKs send about ten requests over one kept-alive connection; 1 without keep-alive",
        low=0.01,
        high=1.0,
    ),
    meaning="New client connections per request; only the price depends on it. CloudWatch: NewConnectionCount over "
    "RequestCount.",
)
RESPONSE_SIZE = Characteristic(
    name="response_size",
    quantity=assumed(
        10_000.0,
        "bytes",
        "a JSON answer has one to a few kB, a compressed HTML page with small files tens of kB",
        low=1_000.0,
        high=100_000.0,
    ),
    meaning="Bytes of a request and its response together; only the price depends on it. CloudWatch: ProcessedBytes "
    "over RequestCount.",
)
