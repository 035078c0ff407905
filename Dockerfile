# The services as images, one per target:
#
#     docker build --target gateway -t abacus-gateway .
#
# All three are compiled in one stage that they share. Neither a BuildKit feature nor a package from elsewhere is
# needed, so any builder of the last years will do. Settings are ABACUS_ variables (`docker run abacus-gateway --help`
# lists them); --probe, the health check, reads the same ones.

FROM rust:1.95-bookworm AS builder
WORKDIR /src
# What comes along is listed in .dockerignore. rust-toolchain.toml does not: the image above is the toolchain.
COPY . .
# What the images need is put aside; what it was made from is not worth a layer.
RUN cargo build --release --locked --package abacus-gateway --package abacus-calculator --package abacus-notifier \
    && mkdir /built \
    && cp target/release/abacus-gateway target/release/abacus-calculator target/release/abacus-notifier /built \
    && cp /etc/ssl/certs/ca-certificates.crt /built \
    && rm -r target

# Only files: builders that copy whole layers to read from one would otherwise copy the toolchain for each file.
FROM scratch AS built
COPY --from=builder /built /

FROM debian:bookworm-slim AS service
LABEL org.opencontainers.image.title="Abacus" \
      org.opencontainers.image.description="A gRPC service mesh for long exact-integer computations" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
# Whom a rediss:// server has to prove itself to.
COPY --from=built /ca-certificates.crt /etc/ssl/certs/
# A number, so that an orchestrator can see that it is not root. It owns nothing: the services write no files.
USER 65532:65532
# Drain: hand back jobs, end streams with a status that says resume.
STOPSIGNAL SIGTERM

FROM service AS gateway
COPY --from=built /abacus-gateway /usr/local/bin/
ENV ABACUS_LISTEN=0.0.0.0:8080
EXPOSE 8080
HEALTHCHECK --interval=2s --timeout=3s --start-period=30s --retries=3 CMD ["abacus-gateway", "--probe"]
ENTRYPOINT ["abacus-gateway"]

FROM service AS notifier
COPY --from=built /abacus-notifier /usr/local/bin/
ENV ABACUS_LISTEN=0.0.0.0:8081
EXPOSE 8081
HEALTHCHECK --interval=2s --timeout=3s --start-period=30s --retries=3 CMD ["abacus-notifier", "--probe"]
ENTRYPOINT ["abacus-notifier"]

FROM service AS calculator
COPY --from=built /abacus-calculator /usr/local/bin/
ENV ABACUS_LISTEN=0.0.0.0:8082
EXPOSE 8082
HEALTHCHECK --interval=2s --timeout=3s --start-period=30s --retries=3 CMD ["abacus-calculator", "--probe"]
ENTRYPOINT ["abacus-calculator"]
