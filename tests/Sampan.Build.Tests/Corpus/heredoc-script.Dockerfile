# syntax=docker/dockerfile:1
FROM debian
ARG NAME=world
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
RUN <<EOF
  apt-get update
  apt-get install -y --no-install-recommends locales
  # a comment of the script
  rm -rf /var/lib/apt/lists/*
EOF
RUN <<-'PYTHON' python3
	import sys
	print("$NOT_EXPANDED", file=sys.stderr)
	PYTHON
COPY --chmod=755 <<"EOF" /usr/local/bin/entrypoint
#!/bin/sh
exec "$@"
EOF
COPY <<EOF /etc/motd
hello ${NAME}
EOF
ENTRYPOINT ["entrypoint"]
