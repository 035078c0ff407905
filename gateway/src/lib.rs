//! The public door of Abacus: gRPC and grpc-web over one intake.
