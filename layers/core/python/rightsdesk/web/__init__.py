"""What the web doors share: models of requests and answers, errors as HTTP, pages."""
