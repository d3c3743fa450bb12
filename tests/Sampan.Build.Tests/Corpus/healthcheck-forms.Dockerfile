FROM nginx
HEALTHCHECK NONE
HEALTHCHECK --interval=30s --timeout=3s --start-period=1m --start-interval=5s --retries=5 \
    CMD curl -fsS http://localhost/ || exit 1
FROM nginx AS exec
HEALTHCHECK --interval=1m30s CMD ["wget", "-q", "-O", "/dev/null", "http://localhost/"]
