//! Exact-integer kernels: Fibonacci numbers, decimal conversion, prime sieve.
