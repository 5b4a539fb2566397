"""The benchmark of detection: fixed chains, their answers, two rivals, and room for others."""
