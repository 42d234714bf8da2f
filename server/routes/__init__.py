"""The addresses of the API, one module for each resource."""

PREFIX = "/api/v1"
