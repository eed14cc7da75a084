"""The compiled data plane. Imports NumPy, Numba and ``math``, nothing of the house but itself."""
