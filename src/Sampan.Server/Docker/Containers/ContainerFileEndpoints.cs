using System.Text.Json;
using Sampan.BuildKit.Files;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Engine;
using Sampan.Engine.Containers;
using Sampan.Oci.Images;
using Sampan.Server.Http;
using Sampan.Storage.Trees;

namespace Sampan.Server.Docker.Containers;

/// <summary>Files of containers: cp, diff, export, commit.</summary>
internal sealed class ContainerFileEndpoints(DockerDaemon daemon)
{
    private const string PathStatHeader = "X-Docker-Container-Path-Stat";

    private readonly ContainerOperations _containers = daemon.Engine.Containers;

    /// <summary>Adds the endpoints.</summary>
    internal void Map(RouteTable routes)
    {
        routes.Map("HEAD", "/containers/{id}/archive", Stat);
        routes.Map("GET", "/containers/{id}/archive", CopyOut);
        routes.Map("PUT", "/containers/{id}/archive", CopyIn);
        routes.Map("GET", "/containers/{id}/changes", Changes);
        routes.Map("GET", "/containers/{id}/export", Export);
        routes.Map("POST", "/commit", Commit);
    }

    private async Task Stat(Exchange x)
    {
        var facts = await _containers.StatPathAsync(x.Route("id"), Path(x), x.Aborted).ConfigureAwait(false);
        x.Http.Response.Headers[PathStatHeader] = Header(facts);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private Task CopyOut(Exchange x) => _containers.CopyOutAsync(
        x.Route("id"),
        Path(x),
        facts =>
        {
            x.Http.Response.Headers[PathStatHeader] = Header(facts);
            return x.StartStreamAsync("application/x-tar");
        },
        x.Aborted);

    private async Task CopyIn(Exchange x)
    {
        await _containers.CopyInAsync(x.Route("id"), Path(x), x.Archive, x.Flag("noOverwriteDirNonDir"), x.Flag("copyUIDGID"), x.Aborted).ConfigureAwait(false);
        await x.NoBody(200).ConfigureAwait(false);
    }

    private Task Changes(Exchange x)
    {
        var changes = _containers.Changes(x.Route("id"), x.Aborted);
        return x.WriteJsonAsync(200, [.. changes.Select(change => new FilesystemChange { Path = change.Path, Kind = change.Kind })], DockerApiJson.Wire.FilesystemChangeList);
    }

    private Task Export(Exchange x) => _containers.ExportAsync(x.Route("id"), x.Flag("as-image"), () => x.StartStreamAsync("application/octet-stream"), x.Aborted);

    private async Task Commit(Exchange x)
    {
        var container = x.Query("container") ?? throw new EngineException(ErrorKind.InvalidArgument, "query parameter 'container' is required");
        var config = await x.ReadOptionalJsonAsync(DockerApiJson.Wire.ContainerConfig).ConfigureAwait(false);
        var repository = x.Query("repo");
        var options = new CommitOptions
        {
            Reference = repository is not null && x.Query("tag") is { } tag ? $"{repository}:{tag}" : repository,
            Message = x.Query("comment"),
            Author = x.Query("author"),
            Changes = [.. x.QueryAll("changes").SelectMany(change => change.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))],
            Overrides = config is null ? null : ToDefaults(config),
            Pause = x.Flag("pause", whenAbsent: true),
        };
        var id = await _containers.CommitAsync(container, options, x.Aborted).ConfigureAwait(false);
        await x.WriteJsonAsync(201, new IdResponse { Id = id }, DockerApiJson.Wire.IdResponse).ConfigureAwait(false);
    }

    private static string Path(Exchange x) =>
        x.Query("path") switch
        {
            null => throw new EngineException(ErrorKind.InvalidArgument, "bad parameter: path cannot be empty"),
            { } path when path.Contains('\0', StringComparison.Ordinal) => throw new EngineException(ErrorKind.InvalidArgument, "bad parameter: a path has no NUL character"),
            { } path => path,
        };

    private static string Header(PathFacts facts) => Convert.ToBase64String(JsonSerializer.SerializeToUtf8Bytes(
        new PathStat
        {
            Name = facts.Name,
            Size = facts.Size,
            Mode = GoMode.FromKernel(facts.Mode),
            Mtime = Timestamp.Write(facts.Seconds is >= -62135596800 and <= 253402300799
                ? DateTimeOffset.FromUnixTimeSeconds(facts.Seconds).AddTicks(facts.Nanoseconds / 100)
                : DateTimeOffset.UnixEpoch),
            LinkTarget = facts.LinkTarget,
        },
        DockerApiJson.Wire.PathStat));

    private static ImageDefaults ToDefaults(ContainerConfig config) => new()
    {
        User = config.User,
        ExposedPorts = [.. config.ExposedPorts?.Keys ?? []],
        Env = config.Env ?? [],
        Entrypoint = config.Entrypoint,
        Cmd = config.Cmd,
        Volumes = [.. config.Volumes?.Keys ?? []],
        WorkingDir = config.WorkingDir,
        Labels = config.Labels ?? new Dictionary<string, string>(),
        StopSignal = config.StopSignal,
        StopTimeout = config.StopTimeout,
        OnBuild = config.OnBuild ?? [],
        Shell = config.Shell,
        Healthcheck = config.Healthcheck is not { Test.Count: > 0 } health ? null : new HealthProbe
        {
            Test = health.Test,
            Interval = Given(health.Interval),
            Timeout = Given(health.Timeout),
            StartPeriod = Given(health.StartPeriod),
            StartInterval = Given(health.StartInterval),
            Retries = health.Retries == 0 ? null : health.Retries,
        },
    };

    private static long? Given(long nanoseconds) => nanoseconds == 0 ? null : nanoseconds;
}
