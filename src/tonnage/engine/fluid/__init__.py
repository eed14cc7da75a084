"""The fluid fidelity: queues as flows and distributions instead of single requests."""
