"""Benchmarks: the product beside its peers, on the same rows, in one run; ratios, never absolute times alone."""
