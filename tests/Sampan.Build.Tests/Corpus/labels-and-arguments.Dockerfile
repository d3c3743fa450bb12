FROM alpine:3.20
ARG VCS_REF BUILD_DATE="unknown date"
LABEL maintainer="Some One <some@example.com>" \
      org.opencontainers.image.revision=$VCS_REF \
      org.opencontainers.image.created="${BUILD_DATE}" \
      "com.example.vendor"='ACME Incorporated'
LABEL description="This text \
spans lines."
ENV GREETING=hello\ world QUOTED='single $quoted' EMPTY=
ENV OLD style with = and "quotes"
