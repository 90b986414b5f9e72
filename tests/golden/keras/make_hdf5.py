"""Writes HDF5 files with what h5py can write, by each of its sets of structures.

    python make_hdf5.py FOLDER

Needs h5py 3.16. Numbers are counted up from -2 (unsigned ones from 0), in C order.
"""

import sys

import h5py
import numpy as np

out = sys.argv[1]


def count(shape, dtype):
    start = 0 if np.dtype(dtype).kind in "ub" else -2
    return (np.arange(int(np.prod(shape)), dtype="int64").reshape(shape) + start).astype(dtype)


for name, libver in (("earliest", "earliest"), ("v108", ("v108", "v108")), ("latest", "latest")):
    with h5py.File(f"{out}/{name}.h5", "w", libver=libver) as f:
        for dtype in ("<f2", "<f4", "<f8", ">f4", ">f8", "<i1", "<i2", "<i4", "<i8", "<u1", "<u2", "<u4", "<u8", ">i4", "?"):
            f[f"types/{dtype}"] = count((2, 3), dtype)
        f["types/complex"] = np.zeros(2, "complex64")
        f["types/text"] = "hello"

        f["shapes/scalar"] = np.float32(-2)
        f["shapes/none"] = count((0, 3), "<f4")
        f["shapes/null"] = h5py.Empty("f")
        f.create_dataset("shapes/unwritten", (4, 4), "<f4")
        properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        properties.set_layout(h5py.h5d.COMPACT)
        space = h5py.h5s.create_simple((2, 3))
        compact = h5py.h5d.create(f["shapes"].id, b"compact", h5py.h5t.IEEE_F32LE, space, properties)
        compact.write(h5py.h5s.ALL, h5py.h5s.ALL, count((2, 3), "<f4"))

        chunks = f.create_group("chunks")
        for key, options in {
            "plain": {},
            "gzip": {"compression": "gzip"},
            "all": {"compression": "gzip", "shuffle": True, "fletcher32": True},
            "sums": {"fletcher32": True},
            "lzf": {"compression": "lzf"},
        }.items():
            chunks.create_dataset(key, data=count((7, 5, 3), "<f4"), chunks=(3, 2, 2), **options)
        chunks.create_dataset("wide", data=count((5, 5), "<f8"), chunks=(4, 5), compression="gzip", shuffle=True)
        chunks.create_dataset("many", data=count((150,), "<f4"), chunks=(1,))
        holes = chunks.create_dataset("holes", (8,), "<f4", chunks=(2,))
        holes[:2] = 1

        links = f.create_group("links")
        links["hard"] = f["types/<f4"]
        links["soft"] = h5py.SoftLink("/types/<f4")
        links["away"] = h5py.ExternalLink("passwd", "/x")
        links["circle"] = links

        # More members than a node, or a heap's first block, holds.
        many = f.create_group("many")
        f.create_group("empty")
        for i in range(120):
            many[f"a member of this group with a rather long name, number {i}"] = f["empty"]
        many["last"] = count((2,), "<f4")

        f.attrs["text"] = "grüße"
        f.attrs["bytes"] = np.bytes_(b"fixed")
        f.attrs["list"] = ["one", "two", ""]
        f.attrs["fixed"] = np.array([b"one", b"three"])
        f.attrs["numbers"] = [1.0, 2.0]
        f.attrs["nothing"] = h5py.Empty("f")
        f.attrs["long"] = "x" * 5_000
        for i in range(20):
            f["links"].attrs[f"attribute {i}"] = f"value {i}"
