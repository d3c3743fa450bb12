FROM busybox AS one
ENTRYPOINT sleep 1
CMD ["not", "used"]
FROM one AS two
ENTRYPOINT []
CMD echo "shell form"
FROM two
CMD
