"""What the program is made of besides code; and, as every process of the program imports it, a word to a library.

ONNX Runtime's packages (from 1.29 on) send Microsoft what is run with them, unless told not to before they are
loaded: https://github.com/microsoft/onnxruntime/blob/main/docs/Privacy.md
"""

import os

# Not a default: what is practised here is nobody else's business. Child processes inherit it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
