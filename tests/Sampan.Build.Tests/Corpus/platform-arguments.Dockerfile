ARG ALPINE=3.20
ARG BASE=alpine:${ALPINE}
FROM --platform=${BUILDPLATFORM:-linux/amd64} ${BASE} AS fetch
ARG TARGETPLATFORM
ARG TARGETOS
ARG TARGETARCH
ARG TARGETVARIANT
ARG VERSION=1.2.3
RUN case "$TARGETARCH" in \
      amd64) a=x86_64 ;; \
      arm64) a=aarch64 ;; \
      arm) a="arm${TARGETVARIANT}" ;; \
      *) echo >&2 "unsupported $TARGETPLATFORM"; exit 1 ;; \
    esac; \
    wget -qO /tool "https://example.com/v${VERSION}/tool-${TARGETOS}-$a"
FROM ${BASE}
COPY --from=fetch --chmod=0755 /tool /usr/local/bin/tool
