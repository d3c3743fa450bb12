FROM golang AS b
RUN echo 'app:x:10001:10001::/:' > /passwd
FROM gcr.io/distroless/static-debian12
COPY --from=b /passwd /etc/passwd
COPY --from=b /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=b /out /
USER 10001:10001
STOPSIGNAL SIGQUIT
ENTRYPOINT ["/server"]
