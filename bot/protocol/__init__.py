"""The interface between surfaces and the core: events come in, replies go out."""
