from busybox
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN wget -qO- https://example.com | tar xz
RUN ["/bin/sh", "-c", "echo \"quoted\" \u0041"]
RUN [ -d /a ] || mkdir /a
RUN echo '["not", "json"]'
CMD exec nginx -g 'daemon off;'
ENTRYPOINT []
HEALTHCHECK --interval=30s --timeout=3s \
  CMD wget -qO- http://localhost/ || exit 1
