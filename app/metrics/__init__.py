"""Metrics for Prometheus. Only `paperclub run` imports its library, in `app/metrics/prometheus.py`."""
