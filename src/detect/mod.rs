//! Content → detections.
