FROM nginx
COPY <<'CONF' /etc/nginx/conf.d/default.conf
server {
    # a comment of nginx's, none of ours
    root $document_root;
}
CONF
COPY <<one.txt <<-two.txt /files/
	tabs stay here
one.txt
	tabs go here
	two.txt
RUN <<EOF cat >> /etc/hosts.allow
RUN is no instruction here
EOF
RUN python3 - <<PY && echo done
print("hello")
PY
