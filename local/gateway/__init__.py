"""Amazon API Gateway's REST APIs on a loopback port: what the template says of routes, authorizers, validators,
throttling and the gateway's own answers, and proxy events in the format that functions get.

`app` ties it together; each other module has one part.
"""
