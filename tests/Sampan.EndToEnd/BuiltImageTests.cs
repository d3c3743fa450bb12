using System.Formats.Tar;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What becomes of a build besides its files: one layer of many, notes in the manifest, how much of its cache stays.</summary>
public sealed class BuiltImageTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"made-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task Squashing_makes_one_layer_of_all_that_the_build_did_on_its_base_and_the_files_are_the_same()
    {
        _scratch.Write("base/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN mkdir -p /d/kept /d/gone /o/below && echo 1 > /d/kept/a && echo 1 > /d/gone/a && echo 1 > /f && echo 1 > /o/below/a && echo 1 > /turned && echo 1 > /same\n");
        (await Daemon.SampanAsync("build", "-t", $"{_own}-base", Path.Combine(_scratch.Path, "base"))).Succeeded();
        _scratch.Write("context/Dockerfile", $"""
            FROM {_own}-base
            RUN rm -r /d/gone && echo 2 > /d/kept/b && ln /d/kept/b /d/kept/linked && echo c > /d/c && ln /d/c /d/c2 && rm /turned && mkdir /turned && echo 2 > /turned/in
            RUN rm -r /o && mkdir /o && echo 2 > /o/new && head -c 100000 /dev/zero > /passing && chmod 4711 /f
            RUN rm /passing && mkdir /d/gone && echo 3 > /d/gone/again && mkfifo /fifo && chown -h 3:4 /d/kept/linked
            CMD ["cat", "/d/kept/b"]
            """);
        const string Look = "find / -xdev ! -path '/proc*' ! -path '/sys*' ! -path '/dev*' ! -path '/etc/host*' ! -path '/etc/resolv*' ! -path /etc/mtab ! -path /etc | sort | while read f; do stat -c '%n %F %a %u %g' \"$f\"; test ! -f \"$f\" || md5sum \"$f\"; done";

        (await Daemon.SampanAsync("build", "-t", $"{_own}-plain", Path.Combine(_scratch.Path, "context"))).Succeeded();
        (await Daemon.SampanAsync("build", "--squash", "-t", _own, Path.Combine(_scratch.Path, "context"))).Succeeded();

        (await LayersAsync(_own))[..^1].ShouldBe(await LayersAsync($"{_own}-base"));
        (await LayersAsync($"{_own}-plain")).Length.ShouldBe((await LayersAsync($"{_own}-base")).Length + 3);
        var plain = (await RunAsync(Clients.Docker, "run", "--rm", $"{_own}-plain", "sh", "-c", Look)).Succeeded();
        plain.ShouldContain("/turned directory");
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "sh", "-c", Look)).Succeeded().ShouldBe(plain);
        (await RunAsync(Clients.Docker, "run", "--rm", _own)).Succeeded().ShouldBe("2");
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "stat", "-c", "%h", "/d/c")).Succeeded().ShouldBe("2");
        var history = (await RunAsync(Clients.Docker, "history", "--no-trunc", "--format", "{{.Size}}|{{.CreatedBy}}|{{.Comment}}", _own)).Lines;
        history[0].ShouldMatch("^[0-9.]+k?B\\|\\|merge of 3 layers$");
        history.Count(line => line.StartsWith("0B|", StringComparison.Ordinal)).ShouldBeGreaterThanOrEqualTo(4);
        // What passed by is in no layer.
        (await ArchiveAsync(_own)).SelectMany(layer => layer).ShouldNotContain(name => name.Contains("passing", StringComparison.Ordinal));
        // The same again, and no other way to the plain one's cache.
        var id = await InspectImageAsync(_own, "{{.Id}}");
        (await Daemon.SampanAsync("build", "--squash", "-t", _own, Path.Combine(_scratch.Path, "context"))).Succeeded();
        (await InspectImageAsync(_own, "{{.Id}}")).ShouldBe(id);
    }

    [Fact]
    public async Task An_image_of_nothing_and_one_that_squashing_leaves_empty_are_squashed_too()
    {
        _scratch.Write("context/a", "1");
        _scratch.Write("context/Dockerfile", $"FROM scratch\nLABEL own={_own}\nCOPY a /one/a\nCOPY a /two/a\n");
        (await Daemon.SampanAsync("build", "--squash", "-t", _own, Path.Combine(_scratch.Path, "context"))).Succeeded();
        (await LayersAsync(_own)).Length.ShouldBe(1);
        (await ArchiveAsync(_own)).Single().ShouldBe(["one/", "one/a", "two/", "two/a"]);

        _scratch.Write("context/Dockerfile", $"FROM busybox\nLABEL own={_own}\n");
        (await Daemon.SampanAsync("build", "--squash", "-t", _own, Path.Combine(_scratch.Path, "context"))).Succeeded();
        (await LayersAsync(_own)).ShouldBe(await LayersAsync("busybox"));
    }

    [Fact]
    public async Task Docker_squashes_on_an_experimental_daemon_and_the_cache_is_cut_back_after_builds()
    {
        await using var daemon = await Daemon.StartAsync("--experimental", "--builder", """{"gc":{"policy":[{"filter":["unused-for=9000h"],"keepStorage":"1kB"},{"all":true,"keepStorage":"1MB"}]}}""");
        await daemon.LoadAsync("busybox");
        (await daemon.DockerAsync("info", "-f", "{{.ExperimentalBuild}}")).Succeeded().ShouldBe("true");
        _scratch.Write("context/Dockerfile", "FROM busybox\nRUN head -c 3000000 /dev/zero > /a\nRUN rm /a && echo b > /b\n");
        var context = Path.Combine(_scratch.Path, "context");

        (await daemon.DockerAsync("build", "--squash", "-t", "squashed", context)).Succeeded();

        (await daemon.DockerAsync("image", "inspect", "-f", "{{len .RootFS.Layers}}", "squashed")).Succeeded().ShouldBe("2");
        (await daemon.DockerAsync("run", "--rm", "squashed", "cat", "/b")).Succeeded().ShouldBe("b");
        await Eventually.HoldsAsync("the step of 3 MB is gone from the cache", async () => (await daemon.DockerAsync("system", "df", "--format", "{{.Type}} {{.Size}}")).Succeeded().Split('\n').Single(line => line.StartsWith("Build Cache", StringComparison.Ordinal)) is var line && !line.EndsWith("MB", StringComparison.Ordinal));
        (await daemon.DockerAsync("run", "--rm", "squashed", "cat", "/b")).Succeeded().ShouldBe("b");
        (await daemon.DockerAsync("rmi", "squashed", "busybox")).Succeeded();
    }

    [Fact]
    public async Task Annotations_are_in_the_manifest_that_is_saved_and_in_the_one_that_is_pushed()
    {
        await using var registry = await OwnRegistry.StartAsync("--root", Path.Combine(_scratch.Path, "registry"));
        var name = $"{registry.Host}/{_own}:1";
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\n");
        var context = Path.Combine(_scratch.Path, "context");

        (await Daemon.SampanAsync("build", "--annotation", "org.example.note=one two", "--annotation", "manifest:org.example.other=3", "--push", "-t", name, context)).Succeeded();

        var directory = Path.Combine(_scratch.Path, "oci");
        (await Daemon.SampanAsync("build", "--annotation", "org.example.note=one two", "-o", $"type=oci,dest={directory},tar=false", "-t", name, context)).Succeeded();
        using var index = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "index.json")));
        var digest = index.RootElement.GetProperty("manifests")[0].GetProperty("digest").GetString()!;
        using var saved = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "blobs", digest.Replace(':', '/'))));
        Notes(saved).ShouldBe(["org.example.note=one two"]);

        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{registry.Host}/v2/{_own}/manifests/1");
        request.Headers.Accept.ParseAdd("application/vnd.oci.image.manifest.v1+json");
        using var answer = await http.SendAsync(request);
        using var pushed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        Notes(pushed).ShouldBe(["org.example.note=one two", "org.example.other=3"]);

        foreach (var kind in new[] { "index", "index-descriptor", "manifest-descriptor", "manifest,index" })
            (await Daemon.SampanAsync("build", "--annotation", $"{kind}:a=b", context)).Failed().Saying($"annotation '{kind}:a=b': {kind.Split(',')[^1]} annotations are not supported for a single platform");
        (await Daemon.SampanAsync("build", "--annotation", "sheet:a=b", context)).Failed().Saying("unknown type 'sheet': expected manifest");
        (await Daemon.SampanAsync("build", "--annotation", "a", context)).Failed().Saying("invalid annotation 'a': expected key=value");

        static string[] Notes(JsonDocument manifest) => [.. manifest.RootElement.GetProperty("annotations").EnumerateObject().Select(note => $"{note.Name}={note.Value.GetString()}").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task Stages_whose_cache_shall_not_count_run_again_and_what_is_not_there_is_refused_by_name()
    {
        _scratch.Write("context/Dockerfile", $"FROM busybox AS one\nRUN echo {_own} > /one\nFROM busybox AS two\nRUN echo {_own} > /two\nFROM busybox\nCOPY --from=one /one /\nCOPY --from=two /two /\n");
        var context = Path.Combine(_scratch.Path, "context");
        (await Daemon.SampanAsync("build", context)).Succeeded();
        var again = (await Daemon.SampanAsync("build", "--no-cache-filter", "two", context)).Succeeded();
        again.Split("CACHED").Length.ShouldBe(4);
        again.ShouldMatch("(?m)^#([0-9]+) \\[two 2/2\\] RUN .*$");

        (await Daemon.SampanAsync("build", "--rm=false", context)).Failed().Saying("--rm=false is not supported");
        (await RunAsync(Clients.Docker, "build", "--rm=false", context)).Failed().Saying("intermediate containers are always removed: leave out --rm=false");
        (await RunAsync(Clients.Docker, "build", "--force-rm", context)).Succeeded();
        (await Daemon.SampanAsync("build", "--platform", "linux/amd64,linux/arm64", context)).Failed().Saying("several platforms is not built at once");
        (await Daemon.SampanAsync("build", "--builder", "other", context)).Failed().Saying("builder");
        (await Daemon.SampanAsync("build", "--attest", "type=sbom", context)).Failed().Saying("attestations are not supported");
        (await Daemon.SampanAsync("build", "--cache-to", "type=gha", context)).Failed().Saying("cache type 'gha' is not supported: expected inline, registry or local");
        foreach (var (query, reason) in new[] { ("version=2", "needs the session of its client"), ("version=3", "builder version '3' is not known"), ("version=2&session=", "needs the session of its client"), ("remote=client-session", "a context that is fetched by a client's session"), ("outputs=x", "outputs 'x' are not supported"), ("isolation=hyperv", "isolation 'hyperv' is not supported") })
        {
            var (status, body) = await Daemon.SendAsync(HttpMethod.Post, $"/build?{query}");
            status.ShouldBeGreaterThanOrEqualTo(400);
            body.ShouldContain(reason);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task<string[]> LayersAsync(string image) => (await InspectImageAsync(image, "{{range .RootFS.Layers}}{{.}} {{end}}")).Split(' ');

    private async Task<string> InspectImageAsync(string image, string format) => (await RunAsync(Clients.Docker, "image", "inspect", "-f", format, image)).Succeeded();

    // The names in each layer.
    private async Task<List<List<string>>> ArchiveAsync(string image)
    {
        var directory = Path.Combine(_scratch.Path, Guid.NewGuid().ToString("n"));
        Directory.CreateDirectory(directory);
        var archive = directory + ".tar";
        (await Daemon.SampanAsync("save", "-o", archive, image)).Succeeded();
        await TarFile.ExtractToDirectoryAsync(archive, directory, overwriteFiles: true);
        using var manifest = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "manifest.json")));
        var layers = new List<List<string>>();
        foreach (var layer in manifest.RootElement[0].GetProperty("Layers").EnumerateArray())
            layers.Add([.. (await Shell.RunAsync("/bin/tar", ["-tf", Path.Combine(directory, layer.GetString()!)])).Lines]);
        return layers;
    }
}
