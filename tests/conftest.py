"""For all tests: whatever they load, nothing is sent to anybody; and a slow machine fails no property."""

from hypothesis import settings

import prompts as prompts  # turns the telemetry of ONNX Runtime off before any test can load it

settings.register_profile("vivavoce", deadline=None)
settings.load_profile("vivavoce")
