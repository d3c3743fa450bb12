FROM node:20
MAINTAINER Jane Doe <jane@example.com>
ENV NODE_ENV production
ENV PATH="/app/node_modules/.bin:$PATH" \
    npm_config_loglevel=warn
ADD package*.json /app/
WORKDIR /app
RUN npm ci
ADD . /app
VOLUME /data /log
VOLUME ["/a b"]
LABEL org.opencontainers.image.title="my app" \
      version="1.0"
EXPOSE 3000
CMD [ "node", "server.js" ]
