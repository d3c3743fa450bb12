FROM busybox as lower
MAINTAINER somebody
ENV key value
WORKDIR relative
FROM --platform=linux/amd64 busybox AS scratch
EXPOSE 80/TCP
ARG API_TOKEN
ENV SECRET_KEY=abc
COPY --from=lower /nothing /
CMD one
CMD two
RUN echo $UNKNOWN
