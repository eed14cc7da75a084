"""Terraform: plans, state files and configuration read into stacks, and literals of configuration edited in place."""
