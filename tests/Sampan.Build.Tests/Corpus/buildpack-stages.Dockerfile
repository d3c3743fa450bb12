FROM heroku/heroku:24-build AS build-env
FROM build-env AS dependencies-1.2_x
COPY bin /buildpack/bin
RUN STACK=heroku-24 /buildpack/bin/detect /app && /buildpack/bin/compile /app /cache /env
FROM heroku/heroku:24 AS run.image
COPY --from=dependencies-1.2_x /app /app
ENV HOME=/app PORT=5000
CMD ["bash", "-lc", "for f in /app/.profile.d/*.sh; do . $f; done; exec web"]
