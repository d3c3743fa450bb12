# syntax=docker/dockerfile:1-labs
FROM alpine
COPY --link --chown=1000:1000 --chmod=u=rwX,go=rX app /app
COPY --parents ./packages/./*/package.json /src/
COPY --exclude=*.md --exclude=**/test docs/ /docs/
ADD --link --checksum=sha256:24454f830cdb571e2c4ad15481119c43b3cafd48dd869a9b2945d1036d1dc68d https://example.com/a.tar.gz /a.tar.gz
ADD --keep-git-dir=true https://example.com/project.git#v1.0 /project
ADD --unpack=false rootfs.tar.xz /keep/
