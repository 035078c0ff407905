//! Claims jobs, computes them, keeps their leases, rescues the jobs of dead workers.
