FROM alpine:3
RUN apk add --no-cache --virtual .build-deps \
        build-base \
        linux-headers \
    && make -j"$(nproc)" \
    && runDeps="$(scanelf --needed --nobanner --recursive /usr/local \
        | awk '{ gsub(/,/, "\nso:", $2); print "so:" $2 }' \
        | sort -u | xargs -r apk info --installed | sort -u)" \
    && apk add --no-cache $runDeps \
    && apk del .build-deps
RUN addgroup -g 1000 -S app && adduser -u 1000 -S -D -H -G app app
