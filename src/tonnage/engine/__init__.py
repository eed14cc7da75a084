"""The engine: route programs over few primitives, simulated request by request."""
