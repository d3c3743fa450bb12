# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:8.0-alpine AS build
ARG TARGETARCH
WORKDIR /source
COPY --parents src/*/*.csproj *.sln ./
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages dotnet restore -a ${TARGETARCH/amd64/x64}
COPY . .
RUN --mount=type=cache,id=nuget,target=/root/.nuget/packages dotnet publish -a ${TARGETARCH/amd64/x64} --no-restore -o /app src/Web

FROM mcr.microsoft.com/dotnet/aspnet:8.0-alpine
WORKDIR /app
COPY --link --from=build /app .
USER $APP_UID
ENTRYPOINT ["./Web"]
