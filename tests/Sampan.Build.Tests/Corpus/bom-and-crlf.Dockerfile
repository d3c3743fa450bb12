# written by an editor of another system
FROM busybox

RUN echo one \
    two
CMD ["sh"]