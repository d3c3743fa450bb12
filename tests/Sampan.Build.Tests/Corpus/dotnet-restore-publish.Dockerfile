FROM mcr.microsoft.com/dotnet/aspnet:8.0 AS base
WORKDIR /app
EXPOSE 8080
FROM mcr.microsoft.com/dotnet/sdk:8.0 AS build
ARG BUILD_CONFIGURATION=Release
COPY ["Web App/Web App.csproj", "Web App/"]
RUN dotnet restore "./Web App/Web App.csproj"
COPY . .
FROM build AS publish
RUN dotnet publish "Web App.csproj" -c $BUILD_CONFIGURATION -o /app/publish /p:UseAppHost=false
FROM base AS final
COPY --from=publish /app/publish .
ENTRYPOINT ["dotnet", "Web App.dll"]
