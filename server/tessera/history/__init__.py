"""The journal of one object, in words, and the streams of the house."""
