FROM debian
ADD rootfs.tar.xz /
ADD https://example.com/a%20b.tar.gz https://example.com/c.zip /downloads/
ADD --checksum=sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef https://example.com/x /x
ADD --keep-git-dir=true https://github.com/moby/buildkit.git#v0.10.1 /buildkit
ADD git@github.com:moby/buildkit.git#master:docs /docs
ADD --chown=www-data:www-data --chmod=u=rwX,go=rX ["a b", "/c d/"]
