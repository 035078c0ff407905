//! Tails the broker's notices and streams snapshots, progress and chunks to watchers.
