"""For all tests: whatever they load, nothing is sent to anybody."""

import prompts as prompts  # turns the telemetry of ONNX Runtime off before any test can load it
