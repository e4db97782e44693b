"""The kernel's migration history, under the app label `tessera`."""
