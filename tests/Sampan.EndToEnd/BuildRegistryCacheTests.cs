using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Caches that travel by a registry: ours and Debian's.</summary>
public sealed class BuildRegistryCacheTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"travels-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Theory]
    [InlineData("own")]
    [InlineData("docker-registry")]
    public async Task A_registry_brings_steps_and_cache_mounts_also_those_before_a_failure_and_minimal_and_inline_caches(string kind)
    {
        await using var own = kind == "own" ? await OwnRegistry.StartAsync("--root", Path.Combine(_scratch.Path, "registry")) : null;
        await using var debians = own is null ? await DockerRegistry.StartAsync() : null;
        var host = own?.Host ?? debians!.Host;
        var cache = $"type=registry,ref={host}/{_own}-cache";
        string Dockerfile(string last) => $"FROM busybox AS tool\nRUN echo {_own} > /tool\nFROM busybox\nCOPY a /a\nRUN --mount=type=cache,id={_own},target=/c echo kept > /c/file; cat /a > /b\nCOPY --from=tool /tool /tool\n{last}\n";
        _scratch.Write("context/a", "1");

        // The first has no cache yet, and fails in its last step.
        _scratch.Write("context/Dockerfile", Dockerfile("RUN exit 3"));
        (await BuildAsync("--cache-from", cache, "--cache-to", cache)).Ended(3).Saying("no cache from").Saying($"exporting cache to {host}/{_own}-cache");
        await PruneAsync();

        // Another machine, as far as the builder knows.
        _scratch.Write("context/Dockerfile", Dockerfile($"RUN --mount=type=cache,id={_own},target=/c cat /c/file /tool > /all"));
        var built = (await BuildAsync("--cache-from", cache, "--cache-to", cache, "-t", _own)).Succeeded();
        built.Split("CACHED").Length.ShouldBe(5, built);
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/all")).Succeeded().ShouldBe($"kept\n{_own}");
        (await RunAsync(Clients.Docker, "images", "-q", $"{host}/{_own}-cache")).Succeeded().ShouldBeEmpty();

        // All of it came, and what the second added.
        await PruneAsync();
        (await BuildAsync("--cache-from", cache)).Succeeded().Split("CACHED").Length.ShouldBe(6);

        // Of the image's own steps alone, without mounts: the other stage is not among them.
        await PruneAsync();
        var least = $"type=registry,ref={host}/{_own}-least";
        (await BuildAsync("--cache-to", $"{least},mode=min")).Succeeded();
        await PruneAsync();
        built = (await BuildAsync("--cache-from", least)).Succeeded();
        built.Split("CACHED").Length.ShouldBe(5, built);
        built.ShouldNotMatch("(?m)^(#[0-9]+) \\[tool 2/2\\][^\n]*\n\\1 CACHED$");

        // By the image itself, as docker's client asks for it.
        (await BuildAsync("--cache-to", "type=inline", "--push", "-t", $"{host}/{_own}:inline")).Succeeded();
        (await RunAsync(Clients.Docker, "rmi", "-f", $"{host}/{_own}:inline", _own)).Succeeded();
        await PruneAsync();
        (await RunAsync(Clients.Docker, "build", "--cache-from", $"{host}/{_own}:inline", Path.Combine(_scratch.Path, "context"))).Succeeded().Split("Using cache").Length.ShouldBe(5);
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await PruneAsync();
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task PruneAsync() => (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);

    private Task<Outcome> BuildAsync(params string[] options) => Daemon.SampanAsync(["build", .. options, Path.Combine(_scratch.Path, "context")]);
}
