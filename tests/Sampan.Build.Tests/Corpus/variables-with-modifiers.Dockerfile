ARG TAG
FROM busybox:${TAG:-latest}
ARG REF=refs/heads/main
ENV SHORT=${REF##*/} LONG=${REF#refs/} CUT=${REF%/*} ALL=${REF%%/*} WITH=${REF/main/dev} EACH=${REF//e/E}
ENV ONE=${UNSET-none} TWO=${UNSET:-none} THREE=${REF:+set} FOUR=\$REF FIVE='$REF'
ARG MUST=x
RUN test -n "${MUST:?is needed}"
