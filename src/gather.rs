//! Detections of all contents → findings: one per key.
