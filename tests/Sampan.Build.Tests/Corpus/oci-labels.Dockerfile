FROM scratch
ARG CREATED
ARG REVISION
ARG VERSION=0.0.0-dev
LABEL org.opencontainers.image.created="$CREATED" \
      org.opencontainers.image.revision="$REVISION" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.title="A title" \
      org.opencontainers.image.description='several words, "quoted"' \
      org.opencontainers.image.licenses=MIT
LABEL com.example.old style label
