FROM debian:12
ENV DEBIAN_FRONTEND=noninteractive LANG=de_DE.UTF-8 LANGUAGE=de_DE:de LC_ALL=de_DE.UTF-8 TZ=Europe/Berlin
RUN apt-get update && apt-get install -y dumb-init locales tzdata \
 && sed -i "s/^# *\(${LANG}\)/\1/" /etc/locale.gen && locale-gen \
 && ln -snf /usr/share/zoneinfo/$TZ /etc/localtime && echo $TZ > /etc/timezone \
 && rm -rf /var/lib/apt/lists/*
ENTRYPOINT ["/usr/bin/dumb-init", "--rewrite", "15:3", "--"]
CMD ["sh", "-c", "date"]
