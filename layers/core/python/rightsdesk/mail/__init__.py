"""Letters that go out: templates of the merchant, written for one person."""
