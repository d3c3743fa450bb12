FROM python:3 AS onbuild
onbuild COPY requirements.txt /
onbuild run pip install -r /requirements.txt
ARG user=app uid
RUN useradd "$user"
USER ${user:-nobody}
STOPSIGNAL SIGQUIT
HEALTHCHECK NONE
