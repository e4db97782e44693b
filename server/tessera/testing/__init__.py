"""The test kit, for the kernel and for packages: `fixtures`, `factories`, `contracts`, `databases` and `house`."""
