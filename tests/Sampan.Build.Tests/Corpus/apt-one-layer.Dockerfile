FROM debian:bookworm-slim
# One layer, nothing left behind.
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates \
        # for health checks
        curl \
    && rm -rf /var/lib/apt/lists/*
HEALTHCHECK --interval=30s --timeout=3s \
  CMD curl -f http://localhost/ || exit 1
CMD curl --version
