"""Mail that comes in: whatever the bytes are, they are read, in bounded time and memory, and nothing raises."""
