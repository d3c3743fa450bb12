FROM debian:bookworm-slim
RUN groupadd -r app --gid=999; useradd -r -g app --uid=999 --home-dir=/var/lib/app --shell=/bin/bash app
ENV GOSU_VERSION 1.17
ENV DATA /var/lib/app/data
VOLUME /var/lib/app/data
COPY docker-entrypoint.sh docker-ensure-initdb.sh /usr/local/bin/
RUN ln -sT docker-ensure-initdb.sh /usr/local/bin/docker-enforce-initdb.sh
ENTRYPOINT ["docker-entrypoint.sh"]
STOPSIGNAL SIGINT
EXPOSE 5432
CMD ["app"]
