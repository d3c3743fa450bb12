# syntax=docker/dockerfile:1
ARG NODE=20
FROM node:${NODE}-bookworm-slim AS base
WORKDIR /app
ENV NODE_ENV=production

FROM base AS deps
COPY --link package.json package-lock.json* ./
RUN --mount=type=cache,target=/root/.npm,id=npm npm ci --omit=dev

FROM base AS build
RUN --mount=type=bind,source=package.json,target=package.json \
    --mount=type=bind,source=package-lock.json,target=package-lock.json \
    --mount=type=cache,target=/root/.npm,id=npm \
    npm ci --include=dev
COPY . .
RUN npm run build

FROM base AS runner
COPY --from=deps --chown=node:node /app/node_modules ./node_modules
COPY --from=build --chown=node:node /app/dist ./dist
USER node
EXPOSE 3000
CMD ["node", "dist/server.js"]
