"""Kernels over arrays larger than memory, on threads, MPI ranks, Dask or Spark.

`map_chunks` applies any ufunc or gufunc to NumPy arrays, memmaps and zarr arrays, chunk by chunk.
zarr and the engines are optional: ``pip install 'ferrotran[dask]'``, ``[mpi]``, ``[spark]``,
``[storage]``.
"""

from ferrotran.scale._cores import cores
from ferrotran.scale._create import create, open
from ferrotran.scale._errors import ChunkError
from ferrotran.scale._map import Report, map_chunks
from ferrotran.scale._stores import Location

__all__ = ["ChunkError", "Location", "Report", "cores", "create", "map_chunks", "open"]
