FROM debian:stable-slim
RUN set -eux; \
	# what is needed at run time
	apt-get update; \
	apt-get install -y --no-install-recommends \
		ca-certificates \
# a comment in the first column
		curl \

	; \
	rm -rf /var/lib/apt/lists/*
