# syntax=docker/dockerfile:1-labs
FROM busybox
RUN --network=none echo offline
RUN --network=default --security=sandbox echo plain
RUN --security=insecure --mount=type=tmpfs,target=/scratch,size=10m echo mighty
RUN --mount=type=ssh,id=deploy,required --mount=type=secret,id=token,env=TOKEN echo "$TOKEN" | wc -c
