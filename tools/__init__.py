"""Programs that build and judge the house."""
