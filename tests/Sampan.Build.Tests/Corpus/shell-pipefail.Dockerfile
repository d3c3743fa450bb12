FROM ubuntu:24.04
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN curl -fsSL https://example.com/key.asc | gpg --dearmor -o /usr/share/keyrings/x.gpg
RUN ["/bin/sh", "-c", "echo no shell form"]
SHELL ["/bin/sh", "-c"]
RUN set -o allexport; . /etc/os-release; echo "$VERSION_CODENAME" > /codename
