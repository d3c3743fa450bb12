using System.Net;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What a build takes and gives beside context and image: caches of others, repositories, further contexts, outputs, checks.</summary>
public sealed class BuildSharingTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"shared-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task A_cache_in_a_directory_brings_steps_and_mounts_to_an_empty_builder_also_those_before_a_failure()
    {
        var cache = Path.Combine(_scratch.Path, "cache");
        _scratch.Write("context/a", "1");
        _scratch.Write("context/Dockerfile", $"FROM busybox AS tool\nRUN echo {_own} > /tool\nFROM busybox\nCOPY a /a\nRUN --mount=type=cache,id={_own},target=/c echo kept > /c/file; cat /a\nCOPY --from=tool /tool /tool\nRUN exit 3\n");
        (await BuildAsync("--cache-from", $"type=local,src={cache}", "--cache-to", $"type=local,dest={cache}")).Ended(3).Saying("WARNING: no cache in").Saying("exporting cache to");
        File.Exists(Path.Combine(cache, "oci-layout")).ShouldBeTrue();

        await PruneAsync();
        _scratch.Write("context/Dockerfile", $"FROM busybox AS tool\nRUN echo {_own} > /tool\nFROM busybox\nCOPY a /a\nRUN --mount=type=cache,id={_own},target=/c echo kept > /c/file; cat /a\nCOPY --from=tool /tool /tool\nRUN --mount=type=cache,id={_own},target=/c cat /c/file /tool > /all\n");
        var built = (await BuildAsync("--cache-from", $"type=local,src={cache}", "-t", _own)).Succeeded();
        built.Split("CACHED").Length.ShouldBe(5);
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/all")).Succeeded().ShouldBe($"kept\n{_own}");
        (await RunAsync(Clients.Docker, "images", "-q", "localhost/sampan-build-cache")).Succeeded().ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_with_an_inline_cache_brings_the_steps_of_its_layers()
    {
        _scratch.Write("context/a", "1");
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY a /a\nRUN cat /a > /b\nRUN true\n");
        (await BuildAsync("--cache-to", "type=inline", "-t", _own)).Succeeded();
        await PruneAsync();
        (await BuildAsync("--cache-from", _own)).Succeeded().Split("CACHED").Length.ShouldBe(4);

        // Docker's classic client asks for it, too.
        await PruneAsync();
        (await Daemon.DockerAsync("build", "--cache-from", _own, Path.Combine(_scratch.Path, "context"))).Succeeded().Split("Using cache").Length.ShouldBe(4);
        (await Daemon.DockerAsync("build", "--cache-from", $"localhost:1/{_own}", Path.Combine(_scratch.Path, "context"))).Succeeded().ShouldContain("[Warning] no cache from");
    }

    [Fact]
    public async Task Outputs_are_files_archives_and_what_is_written_about_the_build()
    {
        _scratch.Write("context/file", "content");
        _scratch.Write("context/Dockerfile", $"FROM scratch\nLABEL own={_own}\nCOPY file /dir/\n");
        var (directory, tar, metadata) = (Path.Combine(_scratch.Path, "out"), Path.Combine(_scratch.Path, "out.tar"), Path.Combine(_scratch.Path, "metadata"));

        (await BuildAsync("-o", directory, "-o", $"type=tar,dest={tar}", "--metadata-file", metadata)).Succeeded();

        (await File.ReadAllTextAsync(Path.Combine(directory, "dir/file"))).ShouldBe("content");
        (await Shell.RunAsync("/bin/tar", ["-tf", tar])).Succeeded().Split('\n').ShouldContain("dir/file");
        using var about = JsonDocument.Parse(await File.ReadAllTextAsync(metadata));
        var id = about.RootElement.GetProperty("containerimage.config.digest").GetString() ?? "";
        id.ShouldStartWith("sha256:");
        // It was only wanted for its files.
        (await RunAsync(Clients.Docker, "image", "inspect", id)).Failed();

        var oci = Path.Combine(_scratch.Path, "oci.tar");
        (await BuildAsync("-o", $"type=oci,dest={oci}", "-t", _own)).Succeeded();
        (await Shell.RunAsync("/bin/tar", ["-tf", oci])).Succeeded().Split('\n').ShouldContain("oci-layout");
        (await BuildAsync("-o", "type=zip,dest=x")).Failed().Saying("output type 'zip' is not supported: expected local, tar, oci, docker, image, registry");
    }

    [Fact]
    public async Task Further_contexts_are_directories_and_images_by_name()
    {
        _scratch.Write("context/Dockerfile", $"FROM base\nENV own={_own}\nCOPY --from=other sub/file /file\nRUN --mount=from=other,target=/o cat /o/sub/file /file; ! test -e /o/hidden\nCOPY . /all/\nRUN ls -A /all\n");
        _scratch.Write("context/.dockerignore", "*\n!Dockerfile");
        _scratch.Write("other/sub/file", "from elsewhere\n");
        _scratch.Write("other/hidden", "x");
        _scratch.Write("other/.dockerignore", "hidden\n");
        var built = (await BuildAsync("--build-context", $"other={Path.Combine(_scratch.Path, "other")}", "--build-context", "base=docker-image://busybox")).Succeeded();
        built.Split("from elsewhere").Length.ShouldBe(3);
        built.ShouldNotContain("sampan-contexts");
        (await BuildAsync("--build-context", "other=/nowhere/at/all")).Failed().Saying("directory '/nowhere/at/all' is not there");
    }

    [Fact]
    public async Task Checks_find_what_could_be_better_and_where()
    {
        _scratch.Write("context/Dockerfile", "FROM busybox\n\nCMD echo hello\n");
        var found = (await BuildAsync("--check")).Ended(1);
        found.Saying("WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/").Saying("Dockerfile:3:1").Saying("   3 | >>> CMD echo hello").Saying("Check complete, 1 warning has been found!");
        (await BuildAsync("-t", _own)).Succeeded().ShouldContain("JSONArgsRecommended: JSON arguments recommended for CMD to prevent unintended behavior related to OS signals (line 3, column 1)");
        _scratch.Write("context/Dockerfile", "# check=error=true\nFROM busybox\nCMD echo hello\n");
        (await BuildAsync()).Failed().Saying("lint violation found for rules: JSONArgsRecommended");
        _scratch.Write("context/Dockerfile", "FROM busybox\nCMD [\"echo\"]\n");
        (await BuildAsync("--check")).Succeeded().ShouldEndWith("Check complete, no warnings found.");
    }

    [Fact]
    public async Task What_a_step_may_not_do_is_granted_by_name_alone()
    {
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --security=insecure grep CapEff /proc/self/status; mkdir -p /mnt; mount -t tmpfs none /mnt && echo mounted\n");
        (await BuildAsync()).Failed().Saying("RUN --security=insecure is not granted: start the build with --allow security.insecure");
        (await BuildAsync("--allow", "security.insecure")).Succeeded().ShouldContain(" mounted\n");
        (await BuildAsync("--allow", "everything")).Failed().Saying("unknown entitlement 'everything'");
    }

    [Fact]
    public async Task A_repository_is_a_context_and_a_source_and_its_address_can_have_no_options()
    {
        var repository = Path.Combine(_scratch.Path, "repository");
        _scratch.Write("repository/sub/Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY . /r\nRUN ls -A /r; cat /r/file\n");
        _scratch.Write("repository/sub/file", "of the branch\n");
        _scratch.Write("repository/.gitattributes", "* filter=evil export-ignore\n");
        await GitAsync(repository, "init", "-q", "-b", "main");
        await GitAsync(repository, "add", ".");
        await GitAsync(repository, "-c", "user.name=x", "-c", "user.email=x@y", "commit", "-q", "-m", "one");
        await GitAsync(repository, "tag", "v1");
        var commit = (await GitAsync(repository, "rev-parse", "HEAD")).Trim();
        await GitAsync(repository, "update-server-info");
        await using var server = StaticFiles.Serve(_scratch.Path);
        var url = $"{server.Url}/repository/.git";

        (await Daemon.SampanAsync("build", $"{url}#main:sub")).Succeeded().ShouldContain("of the branch");
        (await Daemon.DockerAsync("build", "--no-cache", "-t", _own, $"{url}#v1:sub")).Succeeded().ShouldContain("of the branch");

        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nADD --checksum={commit} {url}#main /a\nADD --keep-git-dir=true {url}#{commit} /b\nRUN ls -A /a; test -e /b/.git/HEAD && echo kept; ! test -e /a/.git && echo left out\n");
        var built = (await BuildAsync()).Succeeded();
        built.ShouldContain(" kept\n");
        built.ShouldContain(" left out\n");
        _scratch.Write("context/Dockerfile", $"FROM busybox\nADD --checksum={new string('0', 40)} {url}#main /a\n");
        (await BuildAsync()).Failed().Saying("expected checksum to match");
        (await Daemon.SampanAsync("build", $"{url}#main:../..")).Failed().Saying("leads out of the repository");
        (await Daemon.SampanAsync("build", $"{url}#--upload-pack=touch")).Failed().Saying("is no name of a branch, tag or commit");
        (await Daemon.SampanAsync("build", $"{url}#nothing")).Failed().Saying("failed for '");
    }

    public override async ValueTask DisposeAsync()
    {
        await PruneAsync();
        await base.DisposeAsync();
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task PruneAsync() => (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);

    private Task<Outcome> BuildAsync(params string[] options) => Daemon.SampanAsync(["build", .. options, Path.Combine(_scratch.Path, "context")]);

    private static async Task<string> GitAsync(string directory, params string[] words) => (await Shell.RunAsync("/usr/bin/git", ["-C", directory, .. words])).Succeeded();

    /// <summary>A directory by HTTP, as git's simplest protocol wants it.</summary>
    private sealed class StaticFiles : IAsyncDisposable
    {
        private readonly HttpListener _listener;
        private readonly Task _serving;

        private StaticFiles(HttpListener listener, string url, string root)
        {
            _listener = listener;
            Url = url;
            _serving = Task.Run(() => ServeAsync(root));
        }

        public string Url { get; }

        public static StaticFiles Serve(string root)
        {
            for (var tries = 0; ; tries++)
            {
                var url = $"http://127.0.0.1:{Random.Shared.Next(20000, 60000)}";
                var listener = new HttpListener { Prefixes = { url + "/" } };
                try
                {
                    listener.Start();
                    return new StaticFiles(listener, url, root);
                }
                catch (HttpListenerException) when (tries < 50)
                {
                    // Somebody has that port.
                }
            }
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
            _listener.Close();
        }

        private async Task ServeAsync(string root)
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
                var path = Path.Combine(root, context.Request.Url!.AbsolutePath.TrimStart('/'));
                var content = File.Exists(path) ? await File.ReadAllBytesAsync(path) : null;
                context.Response.StatusCode = content is null ? 404 : 200;
                context.Response.Close(content ?? [], willBlock: true);
            }
        }
    }
}
