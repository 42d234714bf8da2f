"""What a strict, fair interviewer objects to: one module a finding, each a function of the talk."""
