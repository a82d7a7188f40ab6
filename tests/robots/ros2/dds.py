"""Topics of rmw_cyclonedds without ROS: ``rt/NAME``, types ``pkg::msg::dds_::Name_``, plain CDR (version 1).

Run as a program it is the other process: it sends back what it receives.

    python dds.py DOMAIN
"""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import cache
from types import new_class
from typing import Any

LOOPBACK = (
    "<CycloneDDS><Domain><General><Interfaces><NetworkInterface name='lo' multicast='false'/></Interfaces>"
    "<AllowMulticast>false</AllowMulticast></General><Discovery><ParticipantIndex>auto</ParticipantIndex>"
    "<Peers><Peer address='127.0.0.1'/></Peers></Discovery></Domain></CycloneDDS>"
)
os.environ["CYCLONEDDS_URI"] = LOOPBACK

from cyclonedds.core import Policy, Qos
from cyclonedds.domain import DomainParticipant
from cyclonedds.idl import IdlStruct, types
from cyclonedds.idl.annotations import final
from cyclonedds.pub import DataWriter
from cyclonedds.sub import DataReader
from cyclonedds.topic import Topic
from cyclonedds.util import duration

from diarchy.robots.ros2 import strict

TOPICS = {
    "scan": "sensor_msgs/msg/LaserScan",
    "joint_states": "sensor_msgs/msg/JointState",
    "odom": "nav_msgs/msg/Odometry",
    "cmd_vel": "geometry_msgs/msg/TwistStamped",
    "map": "nav_msgs/msg/OccupancyGrid",
    "image": "sensor_msgs/msg/Image",
}
_PRIMITIVE = {
    "string": str, "bool": bool, "float32": types.float32, "float64": types.float64,
    **{f"{u}int{b}": getattr(types, f"{u}int{b}") for u in ("", "u") for b in (8, 16, 32, 64)},
}  # fmt: skip


@cache
def idl(type_name: str) -> Any:
    """Make the IDL struct that rosidl makes of a message."""
    package, kind, name = type_name.split("/")
    fields = [(field, _idl_type(kind_)) for kind_, field in strict.fields(type_name)]
    typename = f"{package}.{kind}.dds_.{name}_"

    def fill(body: dict[str, Any]) -> None:
        body.update({"__annotations__": dict(fields), "__module__": __name__})

    return dataclass(final(new_class(f"{name}_", (IdlStruct,), {"typename": typename}, fill)))


def _idl_type(kind: str) -> Any:
    if kind.endswith("]"):
        base, _, count = kind[:-1].partition("[")
        inner = _idl_type(base)
        return types.array[inner, int(count)] if count else types.sequence[inner]
    return _PRIMITIVE[kind] if kind in _PRIMITIVE else idl(kind)


def to_idl(message: Any, type_name: str) -> Any:
    """Copy a message into its IDL struct."""
    values = {}
    for kind, field in strict.fields(type_name):
        value = getattr(message, field)
        base = kind.split("[")[0]
        if kind.endswith("]"):
            plain = base in _PRIMITIVE
            values[field] = [
                v if plain else to_idl(v, base)
                for v in getattr(value, "tolist", lambda v=value: v)()
            ]
        else:
            values[field] = value if base in _PRIMITIVE else to_idl(value, base)
    return idl(type_name)(**values)


def quality(topic: str) -> Qos:
    """As the node asks for it: latched maps, the rest reliable here, for tests must not lose anything."""
    durability = Policy.Durability.TransientLocal if topic == "map" else Policy.Durability.Volatile
    return Qos(
        Policy.Reliability.Reliable(duration(seconds=5)),
        durability,
        Policy.History.KeepLast(10),
        Policy.DataRepresentation(use_cdrv0_representation=True),
    )


class Wire:
    """Writers and readers on one domain."""

    def __init__(self, domain: int) -> None:
        self._participant = DomainParticipant(domain)

    def writer(self, topic: str, prefix: str = "") -> Any:
        name, qos = f"rt/{prefix}{topic}", quality(topic)
        made = Topic(self._participant, name, idl(TOPICS[topic]), qos=qos)
        return DataWriter(self._participant, made, qos=qos)

    def reader(self, topic: str, prefix: str = "") -> Any:
        name, qos = f"rt/{prefix}{topic}", quality(topic)
        made = Topic(self._participant, name, idl(TOPICS[topic]), qos=qos)
        return DataReader(self._participant, made, qos=qos)


def receive(reader: Any, seconds: float) -> Any | None:
    """Take the next sample."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for sample in reader.take(1):
            if getattr(sample, "sample_info", None) is None or sample.sample_info.valid_data:
                return sample
        time.sleep(0.005)
    return None


def echo(domain: int) -> None:
    """Send back on ``rt/back/NAME`` whatever comes on ``rt/NAME``."""
    wire = Wire(domain)
    pairs = [(wire.reader(t), wire.writer(t, "back/")) for t in TOPICS]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    until = time.monotonic() + 120.0
    while time.monotonic() < until:
        for reader, writer in pairs:
            for sample in reader.take(10):
                if sample.sample_info.valid_data:
                    writer.write(sample)
        time.sleep(0.002)


if __name__ == "__main__":
    echo(int(sys.argv[1]))
