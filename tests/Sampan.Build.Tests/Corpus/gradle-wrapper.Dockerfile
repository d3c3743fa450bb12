FROM eclipse-temurin:17-jdk AS builder
WORKDIR /workspace
COPY gradlew settings.gradle* build.gradle* ./
COPY gradle/ gradle/
RUN --mount=type=cache,id=gradle,target=/root/.gradle ./gradlew --no-daemon dependencies || true
COPY . .
RUN --mount=type=cache,id=gradle,target=/root/.gradle,sharing=private ./gradlew --no-daemon bootJar
FROM gcr.io/distroless/java17-debian12:nonroot
COPY --from=builder /workspace/build/libs/app.jar /app.jar
CMD ["/app.jar"]
