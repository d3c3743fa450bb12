FROM --platform=$BUILDPLATFORM rust:1 AS build
ARG TARGETARCH
RUN case "$TARGETARCH" in \
      arm64) echo aarch64-unknown-linux-gnu > /triple ;; \
      *)     echo x86_64-unknown-linux-gnu > /triple ;; \
    esac
RUN --mount=type=bind,source=src,target=src \
    --mount=type=bind,source=Cargo.toml,target=Cargo.toml \
    --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    cargo build --release --target "$(cat /triple)"
FROM scratch
COPY --link --from=build /app /app
ENTRYPOINT ["/app"]
