FROM debian
RUN <<EOF
set -e
echo one
EOF
RUN <<'EOT' bash
echo "$HOME"
EOT
COPY <<-nginx.conf <<"index.html" /etc/web/
	server {}
	nginx.conf
<p>
index.html
RUN python3 - <<PY && echo done
print("# no comment")
PY
