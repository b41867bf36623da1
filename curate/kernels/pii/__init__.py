"""Personal data and secrets in texts: one file per family of detectors, and what may be shown of what they find."""
