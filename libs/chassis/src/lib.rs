//! What each service is bolted on: configuration, telemetry, one port, health, shutdown, error replies.
