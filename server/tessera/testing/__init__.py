"""The test kit of kernel and packages: `fixtures`, `factories`, `contracts`, `statements`, `databases`, `house`."""
