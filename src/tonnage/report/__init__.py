"""What a person or a machine reads of a review: terminal, JSON, HTML. Shows figures, never makes any."""
