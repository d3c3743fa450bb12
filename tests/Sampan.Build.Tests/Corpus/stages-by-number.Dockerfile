FROM golang:1.22
COPY . .
RUN CGO_ENABLED=0 go build -o /out ./...
FROM gcr.io/distroless/static@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
COPY --from=0 /out /
COPY --from=alpine:latest /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
USER nonroot:nonroot
EXPOSE 80/tcp 53/udp 8000-8010
