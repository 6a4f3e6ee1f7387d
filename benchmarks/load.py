"""Send prepared HTTP requests over a few kept connections, as fast as they are answered.

Plain sockets and one event loop: the client must cost little, since it shares the machine with the server.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What came of it: seconds for all, how many of each status, and each request's latency in seconds, sorted."""

    seconds: float
    statuses: Counter[int]
    latencies: Sequence[float]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.latencies) / self.seconds

    def percentile(self, share: float) -> float:
        """Latency in milliseconds below which `share` (0-1) of the requests were answered."""
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(share * len(self.latencies)))]


def request(method: str, path: str, *, host: str, body: bytes = b"", headers: Sequence[tuple[str, str]] = ()) -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def send(port: int, requests: Sequence[bytes], *, connections: int) -> Load:
    """Send all requests to localhost:`port` over `connections` connections; each waits for its answer."""
    return asyncio.run(_send(port, requests, connections))


async def _send(port: int, requests: Sequence[bytes], connections: int) -> Load:
    statuses: Counter[int] = Counter()
    latencies: list[float] = []
    waiting = iter(requests)
    began = time.perf_counter()
    await asyncio.gather(*(_converse(port, waiting, statuses, latencies) for _ in range(connections)))
    return Load(time.perf_counter() - began, statuses, sorted(latencies))


async def _converse(port: int, waiting: Iterator[bytes], statuses: Counter[int], latencies: list[float]) -> None:
    reader = writer = None
    for message in waiting:
        if writer is None or reader is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        began = time.perf_counter()
        writer.write(message)
        head = await reader.readuntil(b"\r\n\r\n")
        fields = head.lower()
        length = int(fields.split(b"content-length:")[1].split(b"\r\n")[0]) if b"content-length:" in fields else 0
        if length:
            await reader.readexactly(length)
        latencies.append(time.perf_counter() - began)
        statuses[int(head[9:12])] += 1
        if b"connection: close" in fields:
            writer.close()
            writer = reader = None
    if writer is not None:
        writer.close()
