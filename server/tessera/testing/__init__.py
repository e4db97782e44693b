"""The test kit: what tests of the kernel and of packages build on."""
