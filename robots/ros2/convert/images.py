"""Images, compressed images and camera calibrations."""

from __future__ import annotations

import array
import io
import struct
from typing import Any

import numpy as np
import numpy.typing as npt

from diarchy.contracts.errors import BadInputError, did_you_mean
from diarchy.contracts.geometry import Intrinsics
from diarchy.robots.ros2.convert import Factory
from diarchy.robots.ros2.convert.geometry import set_header

ENCODINGS: dict[str, tuple[str, int]] = {
    "rgb8": ("u1", 3),
    "bgr8": ("u1", 3),
    "rgba8": ("u1", 4),
    "bgra8": ("u1", 4),
    "mono8": ("u1", 1),
    "8UC3": ("u1", 3),
    "mono16": ("u2", 1),
    "16UC1": ("u2", 1),
    "32FC1": ("f4", 1),
    "32SC1": ("i4", 1),
}
"""Encoding to NumPy type and channels."""
MILLIMETRE = 0.001
_PIXEL = 0.5
"""ROS counts from the middle of the first pixel, diarchy from its corner."""


def bytes_of(data: Any) -> bytes | memoryview:
    """Return the octets of a uint8 sequence without copying where that is possible."""
    if isinstance(data, np.ndarray):
        return np.ascontiguousarray(data).tobytes()
    return bytes(data) if isinstance(data, list) else memoryview(data).cast("B")


def image_to_array(message: Any) -> npt.NDArray[Any]:
    """Return the pixels of an Image: ``[H, W]`` or ``[H, W, C]``, channels as the encoding has them.

    Raises:
        BadInputError: an unknown encoding, or fewer octets than height x step.
    """
    encoding = str(message.encoding)
    if encoding not in ENCODINGS:
        raise BadInputError(f"image encoding '{encoding}'; {did_you_mean(encoding, ENCODINGS)}")
    kind, channels = ENCODINGS[encoding]
    height, width, step = int(message.height), int(message.width), int(message.step)
    dtype = np.dtype(kind).newbyteorder(">" if message.is_bigendian else "<")
    row = width * channels * dtype.itemsize
    data = bytes_of(message.data)
    if step < row or len(data) < height * step:
        raise BadInputError(
            f"an image of {width} x {height} {encoding} needs rows of {row} octets, "
            f"got step {step} and {len(data)} octets"
        )
    rows = np.frombuffer(data, dtype=np.uint8, count=height * step).reshape(height, step)[:, :row]
    pixels = np.ascontiguousarray(rows).view(dtype).astype(np.dtype(kind), copy=True)
    return pixels.reshape((height, width) if channels == 1 else (height, width, channels))


def image_to_rgb(message: Any) -> npt.NDArray[np.uint8]:
    """Return the colours of an Image as uint8 ``[H, W, 3]``; raises what `image_to_array` raises."""
    pixels, encoding = image_to_array(message), str(message.encoding)
    if encoding in ("rgb8", "8UC3", "rgba8"):
        return np.ascontiguousarray(pixels[..., :3])
    if encoding in ("bgr8", "bgra8"):
        return np.ascontiguousarray(pixels[..., 2::-1])
    if encoding == "mono8":
        return np.repeat(pixels[..., None], 3, axis=-1)
    raise BadInputError(f"an image of encoding '{encoding}' has no colours; use rgb8 or bgr8")


def image_to_depth(message: Any) -> npt.NDArray[np.float32]:
    """Return depth in m ``[H, W]`` (REP 118: 16UC1 in mm, 32FC1 in m); 0 where there is no return."""
    pixels, encoding = image_to_array(message), str(message.encoding)
    if encoding in ("16UC1", "mono16"):
        return pixels.astype(np.float32) * np.float32(MILLIMETRE)
    if encoding != "32FC1":
        raise BadInputError(f"an image of encoding '{encoding}' is no depth; use 16UC1 or 32FC1")
    return clean_depth(pixels)


def clean_depth(depth: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Write 0 where a depth is NaN, infinite or negative."""
    good = np.isfinite(depth) & (depth > 0.0)
    return np.where(good, depth, 0.0).astype(np.float32)


def array_to_image(
    make: Factory, pixels: npt.NDArray[Any], encoding: str, frame: str, stamp: float
) -> Any:
    """Make an Image of ``[H, W]`` or ``[H, W, C]`` pixels, whose channels are as the encoding has them.

    Raises:
        BadInputError: type or channels do not fit the encoding.
    """
    if encoding not in ENCODINGS:
        raise BadInputError(f"image encoding '{encoding}'; {did_you_mean(encoding, ENCODINGS)}")
    kind, channels = ENCODINGS[encoding]
    depth = 1 if pixels.ndim == 2 else pixels.shape[2]
    if pixels.dtype != np.dtype(kind) or depth != channels or pixels.ndim not in (2, 3):
        raise BadInputError(
            f"{encoding} is {np.dtype(kind)} with {channels} channels, got {pixels.dtype}{list(pixels.shape)}"
        )
    message = make("sensor_msgs/msg/Image")
    set_header(message.header, stamp, frame)
    message.height, message.width = int(pixels.shape[0]), int(pixels.shape[1])
    message.encoding, message.is_bigendian = encoding, 0
    message.step = int(pixels.shape[1] * channels * pixels.dtype.itemsize)
    little = np.ascontiguousarray(pixels.astype(np.dtype(kind).newbyteorder("<"), copy=False))
    message.data = array.array("B", little.tobytes())
    return message


def depth_to_image(
    make: Factory, depth: npt.NDArray[np.float32], frame: str, stamp: float, encoding: str = "32FC1"
) -> Any:
    """Make a depth Image of metres, as ``32FC1`` or rounded to millimetres as ``16UC1``."""
    if encoding == "32FC1":
        return array_to_image(make, depth.astype(np.float32, copy=False), encoding, frame, stamp)
    millimetres = np.clip(np.rint(depth / MILLIMETRE), 0, 65535).astype(np.uint16)
    return array_to_image(make, millimetres, "16UC1", frame, stamp)


def compressed_to_rgb(message: Any) -> npt.NDArray[np.uint8]:
    """Decode a JPEG or PNG CompressedImage to uint8 ``[H, W, 3]``.

    Raises:
        BadInputError: the octets are no such picture, or the format says that it is a depth image.
    """
    if "compressedDepth" in str(message.format):
        raise BadInputError("a compressedDepth image has no colours")
    return np.asarray(_opened(bytes(bytes_of(message.data))).convert("RGB"), dtype=np.uint8).copy()


def compressed_to_depth(message: Any) -> npt.NDArray[np.float32]:
    """Decode a compressedDepth image (PNG behind a header of 12 octets) to m ``[H, W]``.

    The header holds the two numbers by which 32FC1 depths were turned into 16-bit inverse depths
    (image_transport_plugins, ``compressed_depth_image_transport``).

    Raises:
        BadInputError: not such an image.
    """
    data, form = bytes(bytes_of(message.data)), str(message.format)
    if "compressedDepth" not in form or len(data) < 12:
        raise BadInputError(f"format '{form}' with {len(data)} octets is no compressedDepth image")
    _, a, b = struct.unpack("<iff", data[:12])
    raw = np.asarray(_opened(data[12:])).astype(np.float32)
    if not form.startswith("32FC1"):
        return raw * np.float32(MILLIMETRE)
    with np.errstate(divide="ignore", invalid="ignore"):
        return clean_depth(np.where(raw > 0, a / (raw - b), 0.0))


def _opened(data: bytes) -> Any:
    from PIL import Image, UnidentifiedImageError

    try:
        picture = Image.open(io.BytesIO(data))
        picture.load()
    except (UnidentifiedImageError, OSError, ValueError) as error:
        raise BadInputError(f"a compressed image cannot be decoded: {error}") from error
    return picture


def rgb_to_compressed(
    make: Factory, rgb: npt.NDArray[np.uint8], frame: str, stamp: float, form: str = "png"
) -> Any:
    """Make a CompressedImage of uint8 ``[H, W, 3]``: ``png`` (lossless) or ``jpeg``."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(rgb).save(buffer, format=form.upper())
    message = make("sensor_msgs/msg/CompressedImage")
    set_header(message.header, stamp, frame)
    message.format = form
    message.data = array.array("B", buffer.getvalue())
    return message


def info_to_intrinsics(message: Any, *, rectified: bool = True) -> Intrinsics:
    """Return the pinhole model of a CameraInfo.

    Args:
        message: a CameraInfo; its ``P`` is what rectified images obey, ``K`` where there is no ``P``.
        rectified: the images are. False is accepted only of a lens without distortion.

    Raises:
        BadInputError: not calibrated, or a distorted image that nobody rectified.
    """
    p, k = (np.asarray(v, dtype=np.float64) for v in (message.p, message.k))
    distortion = np.asarray(message.d, dtype=np.float64)
    if not rectified and distortion.size and float(np.abs(distortion).max()) > 1e-6:
        raise BadInputError(
            "this camera's lens distorts and its images are not rectified: subscribe to the image_rect topics "
            "(image_proc makes them) and say rectified: true"
        )
    use_p = p.size == 12 and p[0] > 0.0
    fx, fy, cx, cy = (p[0], p[5], p[2], p[6]) if use_p else (k[0], k[4], k[2], k[5])
    if not (fx > 0.0 and fy > 0.0 and message.width and message.height):
        raise BadInputError("this camera is not calibrated: its CameraInfo has no focal length")
    size = int(message.width), int(message.height)
    return Intrinsics(*size, float(fx), float(fy), float(cx) + _PIXEL, float(cy) + _PIXEL)


def intrinsics_to_info(make: Factory, value: Intrinsics, frame: str, stamp: float) -> Any:
    """Make a CameraInfo of a camera without distortion."""
    message = make("sensor_msgs/msg/CameraInfo")
    set_header(message.header, stamp, frame)
    message.height, message.width = int(value.height), int(value.width)
    message.distortion_model = "plumb_bob"
    message.d = array.array("d", [0.0] * 5)
    cx, cy = value.cx - _PIXEL, value.cy - _PIXEL
    message.k = np.array([value.fx, 0, cx, 0, value.fy, cy, 0, 0, 1], dtype=np.float64)
    message.r = np.eye(3).ravel()
    message.p = np.array([value.fx, 0, cx, 0, 0, value.fy, cy, 0, 0, 0, 1, 0], dtype=np.float64)
    return message
