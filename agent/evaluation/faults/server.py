"""A planner's server that misbehaves in one way, on the loopback."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable

_CHAT = {"id": "1", "object": "chat.completion", "created": 1, "model": "model"}
_BABBLE = {
    **_CHAT,
    "choices": [
        {
            "index": 0,
            "finish_reason": "stop",
            "message": {
                "role": "assistant",
                "content": "Certainly! I would begin by opening my heart.",
            },
        }
    ],
}


def misbehaving(how: str) -> tuple[str, Callable[[], None]]:
    """Start a server that is ``down``, ``slow``, ``cut``, ``nonsense``, ``babble`` or ``error``.

    Returns its URL and what closes it.
    """
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    if how == "down":
        listener.close()
        return url, lambda: None
    listener.listen(8)
    threading.Thread(target=_serve, args=(listener, how), daemon=True).start()
    return url, listener.close


def _serve(listener: socket.socket, how: str) -> None:
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(caller, how), daemon=True).start()


def _answer(caller: socket.socket, how: str) -> None:
    with caller:
        try:
            caller.recv(1 << 20)
            if how == "slow":
                time.sleep(3.0)
            elif how == "cut":
                caller.sendall(
                    b'HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{"choices": [{"mess'
                )
            elif how == "nonsense":
                caller.sendall(_http(b"<html>It works!</html>", kind="text/html"))
            elif how == "babble":
                caller.sendall(_http(json.dumps(_BABBLE).encode()))
            elif how == "error":
                caller.sendall(
                    _http(b'{"error": "out of memory"}', status="500 Internal Server Error")
                )
        except OSError:
            return


def _http(body: bytes, *, status: str = "200 OK", kind: str = "application/json") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body
