"""The supervisor: owns the listening sockets and runs the house in processes that follow one another, generations."""
