"""Pictures with their truth on disk: colours as WebP, instances as PNG, one table of labels.

A shard is one ``.npz``. Pictures are stored at the size the network looks at, labels with the
number of pixels that the camera itself gave.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

WIDTH, HEIGHT = 640, 480
"""What the network looks at, px: the picture of a camera as it is."""
QUALITY = 86
COLUMNS = (
    "picture", "id", "cls", "keep", "color", "temperature", "cleanliness", "power", "opening",
    "pixels",
)  # fmt: skip
"""Of the table: which picture, which value in its id map, class index, 1 if it is ground truth and 0 if
it is to be ignored; colour index; 0 neither, 1 hot, 2 cold; 0 neither, 1 dirty, 2 clean; 0 off, 1 on; 0 to 1
of its largest opening; visible pixels. -1 where it has no such thing."""


@dataclass(frozen=True)
class Picture:
    """One labelled picture.

    Attributes:
        rgb: ``[HEIGHT, WIDTH, 3]`` uint8.
        ids: ``[HEIGHT, WIDTH]`` uint8: 0 background, else a row's ``id``.
        rows: ``[N, 9]`` float32: `COLUMNS` without ``picture``.
        source: the layout it was taken in.
    """

    rgb: npt.NDArray[np.uint8]
    ids: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.float32]
    source: str = ""


@dataclass
class Pictures:
    """All pictures of a folder, decoded.

    Attributes:
        rgb: ``[N, HEIGHT, WIDTH, 3]`` uint8.
        ids: ``[N, HEIGHT, WIDTH]`` uint8.
        rows: ``[M, 10]`` float32, by `COLUMNS`.
        sources: the layout of each.
    """

    rgb: npt.NDArray[np.uint8]
    ids: npt.NDArray[np.uint8]
    rows: npt.NDArray[np.float32]
    sources: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self.rgb)

    def head(self, count: int) -> Pictures:
        """Return the first pictures only."""
        rows = self.rows[self.rows[:, 0] < count]
        return Pictures(self.rgb[:count], self.ids[:count], rows, self.sources[:count])


def write(path: Path, pictures: Sequence[Picture], *, quick: bool = False) -> None:
    """Write a shard, via a temporary name, so that an interrupted run leaves no half one.

    ``quick`` takes a tenth of the time and three times the room.
    """
    if quick:
        colours = [_encoded(p.rgb, "JPEG", quality=95, subsampling=0) for p in pictures]
        maps = [_encoded(p.ids, "PNG", compress_level=1) for p in pictures]
    else:
        colours = [_encoded(p.rgb, "WEBP", quality=QUALITY, method=6) for p in pictures]
        maps = [_encoded(p.ids, "PNG", optimize=True) for p in pictures]
    rows = [np.insert(p.rows, 0, i, axis=1) for i, p in enumerate(pictures)]
    temporary = path.with_name(f".{path.stem}.partial.npz")
    np.savez(
        temporary,
        colours=np.frombuffer(b"".join(colours), dtype=np.uint8),
        colour_ends=np.cumsum([len(c) for c in colours]),
        maps=np.frombuffer(b"".join(maps), dtype=np.uint8),
        map_ends=np.cumsum([len(m) for m in maps]),
        rows=np.concatenate(rows).astype(np.float32),
        sources=np.array([p.source for p in pictures]),
    )
    temporary.replace(path)


def read(folder: Path, *, threads: int = 16) -> Pictures:
    """Decode all shards of a folder, in the order of their names.

    Raises:
        FileNotFoundError: there is none.
    """
    paths = shards(folder)
    if not paths:
        raise FileNotFoundError(
            f"no shards (*.npz) in {folder}; 'diarchy collect detector' makes some"
        )
    return read_shards(paths, threads=threads)


def read_shards(paths: Sequence[Path], *, threads: int = 16) -> Pictures:
    """Decode some shards, in this order.

    Raises:
        ValueError: their pictures have another size.
    """
    blobs: list[tuple[bytes, bytes]] = []
    tables, sources = [], list[str]()
    for path in paths:
        with np.load(path, allow_pickle=False) as shard:
            table = shard["rows"].copy()
            table[:, 0] += len(blobs)
            tables.append(table)
            colours = _split(shard["colours"], shard["colour_ends"])
            blobs += zip(colours, _split(shard["maps"], shard["map_ends"]), strict=True)
            sources += [str(s) for s in shard["sources"]]
    rgb = np.empty((len(blobs), HEIGHT, WIDTH, 3), dtype=np.uint8)
    ids = np.empty((len(blobs), HEIGHT, WIDTH), dtype=np.uint8)

    def decode(i: int) -> None:
        colours, map_ = _decoded(blobs[i][0], "RGB"), _decoded(blobs[i][1], "L")
        if map_.shape != (HEIGHT, WIDTH):
            raise ValueError(
                f"a picture of {map_.shape[1]} by {map_.shape[0]} px, not {WIDTH} by {HEIGHT}; "
                "it was made by another version: 'diarchy collect detector' makes new ones"
            )
        rgb[i], ids[i] = colours, map_

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(decode, range(len(blobs))))
    return Pictures(rgb, ids, np.concatenate(tables), sources)


def count_classes(folder: Path, classes: int) -> npt.NDArray[np.int64]:
    """Count the ground truth of each class ``[classes]`` in the shards of a folder, pictures unread."""
    total = np.zeros(classes, dtype=np.int64)
    for path in shards(folder):
        with np.load(path, allow_pickle=False) as shard:
            rows = shard["rows"]
        kept = rows[rows[:, 3] > 0, 2].astype(np.int64)
        total += np.bincount(kept, minlength=classes)
    return total


def shards(folder: Path) -> list[Path]:
    """Shards of a folder that are complete, by name."""
    return sorted(p for p in folder.glob("*.npz") if not p.name.startswith("."))


def _encoded(image: npt.NDArray[np.uint8], form: str, **options: int) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, form, **options)
    return buffer.getvalue()


def _decoded(blob: bytes, mode: str) -> npt.NDArray[np.uint8]:
    from PIL import Image

    with Image.open(io.BytesIO(blob)) as image:
        return np.asarray(image.convert(mode), dtype=np.uint8)


def _split(data: npt.NDArray[np.uint8], ends: npt.NDArray[np.int64]) -> Iterator[bytes]:
    begin = 0
    for end in ends.tolist():
        yield data[begin:end].tobytes()
        begin = end
