"""A live account read into a stack, by calls that change nothing."""
