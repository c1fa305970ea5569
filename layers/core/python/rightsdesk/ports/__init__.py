"""What services need from the outside world, as Protocols by subject. Adapters keep them; tests pass fakes."""
