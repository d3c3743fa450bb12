using System.Formats.Tar;
using System.Text;
using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary><c>docker build</c> by the classic endpoint. Each test has images of its own, and arguments of its own, so that no other's cache answers.</summary>
public sealed class BuildTests(SharedEngine engine) : EngineTest(engine)
{
    private static int _numbers;

    private readonly string _own = $"built-{Environment.ProcessId}-{Interlocked.Increment(ref _numbers)}";

    [Fact]
    public async Task Steps_run_in_containers_and_their_files_and_words_become_the_image()
    {
        using var context = new Context(
            ("Dockerfile", $"""
                FROM busybox
                ARG who=nobody
                ENV GREETING="hello $who" OWN={_own}
                WORKDIR /app/dir
                COPY --chown=12:34 --chmod=0640 file.txt sub/
                RUN echo "$GREETING from $who" > said && cat sub/file.txt
                EXPOSE 80 443/udp
                VOLUME /data
                LABEL a.b="c d"
                USER 12:34
                STOPSIGNAL SIGINT
                HEALTHCHECK --interval=5s CMD true
                ENTRYPOINT ["cat"]
                CMD ["said"]
                """),
            ("file.txt", "content\n"));

        var built = await BuildAsync(context, "--build-arg", "who=you", "--label", "from=outside");

        var output = built.Succeeded();
        output.ShouldContain("Step 1/14 : FROM busybox");
        output.ShouldContain("\ncontent\n");
        output.ShouldContain($"Successfully tagged {_own}:latest");
        (await RunAsync(Clients.Docker, "run", "--rm", _own)).Succeeded().ShouldBe("hello you from you");
        (await RunAsync(Clients.Docker, "run", "--rm", "--entrypoint", "stat", _own, "-c", "%a %u %g", "sub/file.txt")).Succeeded().ShouldBe("640 12 34");
        using var image = JsonDocument.Parse((await RunAsync(Clients.Docker, "image", "inspect", "-f", "{{json .Config}}", _own)).Succeeded());
        var config = image.RootElement;
        config.GetProperty("Env").EnumerateArray().Select(line => line.GetString()).ShouldContain("GREETING=hello you");
        config.GetProperty("WorkingDir").GetString().ShouldBe("/app/dir");
        config.GetProperty("User").GetString().ShouldBe("12:34");
        config.GetProperty("StopSignal").GetString().ShouldBe("SIGINT");
        config.GetProperty("ExposedPorts").EnumerateObject().Select(port => port.Name).ShouldBe(["443/udp", "80/tcp"], ignoreOrder: true);
        config.GetProperty("Labels").EnumerateObject().Select(label => $"{label.Name}={label.Value}").ShouldBe(["a.b=c d", "from=outside"], ignoreOrder: true);
        config.GetProperty("Healthcheck").GetProperty("Interval").GetInt64().ShouldBe(5_000_000_000);
        var history = (await RunAsync(Clients.Docker, "history", "--no-trunc", "--format", "{{.CreatedBy}}", _own)).Succeeded();
        history.ShouldContain("CMD [\"said\"]");
        history.ShouldContain("RUN |1 who=you /bin/sh -c echo \"$GREETING from $who\" > said && cat sub/file.txt # buildkit");
    }

    [Fact]
    public async Task The_second_build_takes_every_step_from_the_cache_and_gives_the_same_image()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY a b /\nRUN cat /a /b > /ab\nCMD [\"cat\", \"/ab\"]"), ("a", "1\n"), ("b", "2\n"));
        (await BuildAsync(context)).Succeeded().ShouldNotContain("Using cache");
        var first = await IdAsync();

        // Other times, same contents.
        File.SetLastWriteTimeUtc(Path.Combine(context.Path, "a"), new DateTime(2001, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        var again = (await BuildAsync(context)).Succeeded();
        again.Split("Using cache").Length.ShouldBe(3);
        again.ShouldNotContain("Running in");
        (await IdAsync()).ShouldBe(first);

        File.WriteAllText(Path.Combine(context.Path, "b"), "3\n");
        (await BuildAsync(context)).Succeeded().ShouldNotContain("Using cache");
        (await RunAsync(Clients.Docker, "run", "--rm", _own)).Succeeded().ShouldBe("1\n3");
        (await BuildAsync(context, "--no-cache")).Succeeded().ShouldNotContain("Using cache");
    }

    [Fact]
    public async Task Stages_that_nobody_needs_do_not_run_and_files_come_from_others()
    {
        using var context = new Context(("Dockerfile", $"""
            FROM busybox AS made
            RUN mkdir /out && echo {_own} > /out/file && ln -s file /out/link && chown 5:6 /out/file
            FROM busybox AS broken
            RUN exit 9
            FROM scratch AS small
            COPY --from=made /out /
            FROM busybox
            COPY --from=small / /copied/
            COPY --from=busybox:latest /bin/busybox /tool
            RUN stat -c '%u:%g' /copied/file && readlink /copied/link && cat /copied/link && test -x /tool
            """));

        var output = (await BuildAsync(context)).Succeeded();

        output.ShouldContain($"5:6\nfile\n{_own}\n");
        output.ShouldNotContain("exit 9");
        (await BuildAsync(context, "--target", "small")).Succeeded();
        (await RunAsync(Clients.Docker, "image", "inspect", "-f", "{{len .RootFS.Layers}}", _own)).Succeeded().ShouldBe("1");
        (await BuildAsync(context, "--target", "nowhere")).Failed().Saying("failed to reach build target nowhere");
    }

    [Fact]
    public async Task A_failing_command_shows_its_output_its_lines_and_its_code_and_nothing_stays()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nENV own={_own}\nRUN echo before it fails; \\\n    exit 42\nRUN never"));

        var failed = await BuildAsync(context);

        failed.ExitCode.ShouldBe(42);
        failed.Saying("before it fails").Saying("Dockerfile:3").Saying(">>> RUN echo before it fails; \\").Saying(">>>     exit 42").Saying("returned a non-zero code: 42");
        failed.All.ShouldNotContain("RUN never\n ---> Running");
        (await RunAsync(Clients.Docker, "ps", "-aq", "--filter", "label=io.sampan.build")).Succeeded().ShouldBeEmpty();
        (await RunAsync(Clients.Docker, "image", "inspect", _own)).Failed();
    }

    [Fact]
    public async Task Mounts_of_RUN_show_what_they_should_and_leave_nothing_in_the_image()
    {
        using var context = new Context(
            ("Dockerfile", $"""
                FROM busybox AS other
                RUN mkdir /made && echo {_own} > /made/it
                FROM busybox
                RUN --mount=type=cache,target=/cache,id=../../../{_own} --mount=target=/context,rw --mount=from=other,source=/made,target=/o --mount=type=tmpfs,target=/t,size=1m \
                    cat /context/given /o/it && echo x >> /cache/n && echo y > /context/given && wc -l < /cache/n && grep -q ' /t tmpfs' /proc/mounts && echo kept > /kept
                RUN --mount=type=cache,target=/cache,id=../../../{_own} cat /cache/n && ! test -e /context && ! test -e /o && ! test -e /t
                """),
            ("given", "from the context\n"));

        (await BuildAsync(context)).Succeeded().ShouldContain($"from the context\n{_own}\n1\n");
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "sh", "-c", "cat /kept; ls -d /cache /context /o /t 2>/dev/null | wc -l")).Succeeded().ShouldBe("kept\n0");
        (await BuildAsync(context, "--no-cache")).Succeeded().ShouldContain($"\n{_own}\n2\n");
    }

    [Theory]
    [InlineData("RUN --security=insecure true", "not granted")]
    [InlineData("RUN --network=host true", "granted only to a build")]
    [InlineData("RUN --mount=type=secret,id=s,required true", "secret s: not found")]
    [InlineData("RUN --mount=type=ssh,required true", "no SSH key")]
    [InlineData("RUN --mount=type=cache,target=/ true", "invalid mount target")]
    [InlineData("COPY missing /", "file not found in build context")]
    [InlineData("COPY ../outside /", "forbidden path outside the build context")]
    [InlineData("COPY --from=9 a /", "invalid stage index")]
    [InlineData("COPY --chown=nobody-here file /x", "nobody-here")]
    [InlineData("ADD https://example.invalid/x.git#--option /x", "invalid git repository")]
    [InlineData("FRON x", "unknown instruction: FRON (did you mean FROM?)")]
    public async Task What_cannot_be_is_refused_by_name(string instruction, string reason)
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\n{instruction}\n"), ("file", "x"));
        (await BuildAsync(context)).Failed().Saying(reason);
    }

    [Fact]
    public async Task A_circle_of_stages_is_refused_before_anything_runs()
    {
        using var context = new Context(("Dockerfile", "FROM busybox AS a\nCOPY --from=b /x /\nFROM busybox AS b\nCOPY --from=a /x /\n"));
        var refused = (await BuildAsync(context)).Failed().Saying("circular dependency detected on stage");
        refused.All.ShouldNotContain("Step 1");
    }

    [Fact]
    public async Task Links_of_a_context_lead_nowhere_but_into_the_context()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY . /copied/\nRUN readlink /copied/evil && ! test -e /copied/dir/shadow\n"), ("dir/file", "x"));
        File.CreateSymbolicLink(Path.Combine(context.Path, "evil"), "/etc/shadow");
        File.CreateSymbolicLink(Path.Combine(context.Path, "up"), "../../../../../../etc");
        (await BuildAsync(context)).Succeeded().ShouldContain("\n/etc/shadow\n");

        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY evil /stolen\n");
        (await BuildAsync(context)).Failed().Saying("file not found in build context");
        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), "FROM busybox\nCOPY up/shadow /stolen\n");
        (await BuildAsync(context)).Failed().Saying("file not found in build context");
    }

    [Fact]
    public async Task A_hostile_archive_is_refused_and_the_host_is_unharmed()
    {
        (await PostAsync(("../../../../tmp/escaped", TarEntryType.RegularFile, "", "x"))).ShouldContain("leads out of it: refused");
        (await PostAsync(("a", TarEntryType.SymbolicLink, "/tmp", ""), ("a/escaped", TarEntryType.RegularFile, "", "x"))).ShouldContain("is used as a directory but is none");
        (await PostAsync(("h", TarEntryType.HardLink, "/etc/passwd", ""))).ShouldContain("which is no file of it");
        (await PostAsync(("null", TarEntryType.CharacterDevice, "", ""), ("Dockerfile", TarEntryType.RegularFile, "", "FROM busybox\nCOPY . /x/"))).ShouldContain("a build context has no devices");
        File.Exists("/tmp/escaped").ShouldBeFalse();
        (await Daemon.SendAsync(HttpMethod.Get, "/_ping")).Status.ShouldBe(200);
    }

    [Fact]
    public async Task A_link_in_the_image_is_followed_inside_of_the_image()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nRUN mkdir /real && ln -s /real /link && ln -s ../../../../../../etc /up && echo {_own}\nCOPY file /link/\nCOPY file /up/{_own}\nRUN cat /real/file /etc/{_own}\n"), ("file", "inside\n"));
        (await BuildAsync(context)).Succeeded().ShouldContain("inside\ninside\n");
        File.Exists($"/etc/{_own}").ShouldBeFalse();
    }

    [Fact]
    public async Task What_dockerignore_names_is_not_there_and_archives_are_unpacked_by_ADD_alone()
    {
        using var context = new Context(
            ("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY . /all/\nADD in.tar /added/\nCOPY in.tar /copied/\nRUN ls /all /added /copied\n"),
            (".dockerignore", "*.secret\n!public.secret\n.dockerignore\nDockerfile\n"), ("a.secret", "x"), ("public.secret", "x"));
        await using (var tar = new TarWriter(File.Create(Path.Combine(context.Path, "in.tar"))))
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, "inner") { DataStream = new MemoryStream("x"u8.ToArray()) });
        (await BuildAsync(context)).Succeeded().ShouldContain("/added:\ninner\n\n/all:\nin.tar\npublic.secret\n\n/copied:\nin.tar\n");
    }

    [Fact]
    public async Task Triggers_of_a_base_run_in_the_build_that_begins_with_it()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nONBUILD COPY file /triggered\nONBUILD RUN cat /triggered > /ran\nLABEL own={_own}"), ("file", "once\n"));
        (await BuildAsync(context)).Succeeded();
        File.WriteAllText(Path.Combine(context.Path, "Dockerfile"), $"FROM {_own}\nRUN cat /ran\n");
        (await Daemon.DockerAsync("build", "-t", _own + "-child", context.Path)).Succeeded().ShouldContain("# Executing 2 build triggers");
        (await RunAsync(Clients.Docker, "run", "--rm", _own + "-child", "cat", "/ran")).Succeeded().ShouldBe("once");
        (await RunAsync(Clients.Docker, "image", "inspect", "-f", "{{len .Config.OnBuild}}", _own + "-child")).Succeeded().ShouldBe("0");
    }

    [Fact]
    public async Task With_a_source_date_the_same_inputs_give_the_same_digest_without_the_cache()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY . /c/\nWORKDIR /new\nRUN date > /dev/null; mkdir -p /d/e; touch /d/f\n"), ("x", "x"));
        (await BuildAsync(context, "--build-arg", "SOURCE_DATE_EPOCH=1700000000")).Succeeded();
        var first = await IdAsync();
        (await BuildAsync(context, "--no-cache", "--build-arg", "SOURCE_DATE_EPOCH=1700000000")).Succeeded();
        (await IdAsync()).ShouldBe(first);
        (await RunAsync(Clients.Docker, "image", "inspect", "-f", "{{.Created}}", _own)).Succeeded().ShouldStartWith("2023-11-14T22:13:20");
    }

    [Fact]
    public async Task Only_the_id_is_told_when_quiet_and_written_to_the_iidfile()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nLABEL own={_own}"));
        var file = Path.Combine(context.Path, "id");
        var said = (await BuildAsync(context, "-q", "--iidfile", file)).Succeeded();
        said.ShouldBe(await IdAsync());
        File.ReadAllText(file).Trim().ShouldBe(said);
    }

    [Fact]
    public async Task A_page_put_into_nginx_is_what_it_serves()
    {
        await Shared.WithAsync("nginx");
        using var context = new Context(("Dockerfile", "FROM nginx\nCOPY index.html /usr/share/nginx/html/index.html\n"), ("index.html", $"<h1>{_own}</h1>\n"));
        (await BuildAsync(context)).Succeeded();
        (await RunAsync(Clients.Docker, "run", "--rm", "--entrypoint", "cat", _own, "/usr/share/nginx/html/index.html")).Succeeded().ShouldBe($"<h1>{_own}</h1>");
    }

    [Fact]
    public async Task Sampan_sends_what_the_rules_leave_and_a_Dockerfile_from_elsewhere()
    {
        using var context = new Context((".dockerignore", "big\n"), ("big/file", "x"), ("small", "x"), ("sub/Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY . /c/\nRUN echo $(ls -A /c)\n"));
        (await Daemon.SampanAsync("build", "-t", _own, "-f", Path.Combine(context.Path, "sub/Dockerfile"), context.Path)).Succeeded().ShouldContain(" .dockerignore small sub\n");

        // On standard input, the context elsewhere; then nothing else at all.
        (await Daemon.ClientWithInputAsync(Clients.Sampan, $"FROM busybox\nENV own={_own}\nCOPY . /in/\nRUN echo $(ls -A /in)\n", "build", "-f", "-", "-t", _own, context.Path)).Succeeded().ShouldContain(" .dockerignore small sub\n");
        var id = Path.Combine(context.Path, "id");
        (await Daemon.ClientWithInputAsync(Clients.Sampan, $"FROM busybox\nLABEL own={_own}\n", "build", "-q", "--iidfile", id, "-t", _own, "-")).Succeeded().ShouldBe(await IdAsync());
        File.ReadAllText(id).Trim().ShouldBe(await IdAsync());
        // Docker's client puts it into the archive, which then lacks its end.
        (await Daemon.ClientWithInputAsync(Clients.Docker, $"FROM busybox\nENV own={_own} by=docker\nCOPY . /in/\nRUN echo $(ls -A /in)\n", "build", "-f", "-", context.Path)).Succeeded().ShouldContain("\n.dockerignore id small sub\n");
        (await Daemon.ClientWithInputAsync(Clients.Docker, $"FROM busybox\nLABEL own={_own}\n", "build", "-q", "-")).Succeeded().ShouldBe(await IdAsync());
        (await Daemon.ClientWithInputAsync(Clients.Sampan, $"FROM busybox\nRUN echo {_own}; exit 7\n", "build", "-")).Ended(7).Saying("returned a non-zero code: 7");
        (await Daemon.ClientWithInputAsync(Clients.Docker, $"FROM busybox\nRUN echo {_own}-$((1 + 1)); exit 7\n", "build", "-q", "-")).Ended(7).Saying($"{_own}-2").Saying("returned a non-zero code: 7");
    }

    [Fact]
    public async Task A_step_runs_within_the_limits_that_both_clients_can_set()
    {
        using var context = new Context(("Dockerfile", $"FROM busybox\nENV own={_own}\nRUN echo \"$(ulimit -n) $(df /dev/shm | tail -1 | awk '{{ print $2 }}') $(grep 1.2.3.4 /etc/hosts | cut -f2) $(grep NoNewPrivs /proc/self/status | cut -f2) $(ls /sys/class/net)\"\n"));
        foreach (var client in new[] { Clients.Docker, Clients.Sampan })
        {
            var built = await RunAsync(client, "build", "--no-cache", "--memory", "64m", "--memory-swap", "128m", "-c", "512", "--cpu-period", "50000", "--cpu-quota", "20000", "--cpuset-cpus", "0", "--cpuset-mems", "0",
                "--ulimit", "nofile=100:200", "--shm-size", "10m", "--add-host", "myhost:1.2.3.4", "--network", "none", "--security-opt", "no-new-privileges", "--isolation=default", "--compress", "--force-rm", "--disable-content-trust", context.Path);
            built.Succeeded().ShouldContain("100 10240 myhost 1 lo\n");
        }
        (await RunAsync(Clients.Docker, "build", "--no-cache", "--security-opt", "nonsense", context.Path)).Failed().Saying("nonsense");
    }

    [Fact]
    public async Task A_secret_is_seen_by_its_step_and_is_nowhere_else()
    {
        var secret = $"hidden-{Guid.NewGuid():n}";
        using var context = new Context(
            ("secret", secret),
            ("Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --mount=type=secret,id=s,mode=0440,gid=5 --mount=type=secret,id=s,env=S wc -c < /run/secrets/s && stat -c '%a %g' /run/secrets/s && test \"$S\" = \"$(cat /run/secrets/s)\" && touch /done\nRUN ls /run/secrets 2>/dev/null || echo gone\n"));

        var built = (await Daemon.SampanAsync("build", "-t", _own, "--secret", $"id=s,src={Path.Combine(context.Path, "secret")}", context.Path)).Succeeded();

        built.ShouldMatch($"(?m)^#[0-9]+ [0-9.]+ {secret.Length}\n#[0-9]+ [0-9.]+ 440 5$");
        built.ShouldNotContain(secret);
        // The step's container and its record are emptied after the build has ended.
        await Eventually.HoldsAsync("the secret is nowhere on the disk", async () => (await Shell.RunAsync("/bin/grep", ["-r", "-l", "-s", "-F", secret, Daemon.DataRoot, Daemon.ExecRoot])).Stdout.Length == 0);
        (await RunAsync(Clients.Docker, "history", "--no-trunc", _own)).Succeeded().ShouldNotContain(secret);
        Daemon.Log.ShouldNotContain(secret);
        // Another one is no reason to run the step again: its value is in no key.
        (await Daemon.SampanAsync("build", "-t", _own, context.Path)).Succeeded().Split("CACHED").Length.ShouldBe(3);
    }

    [Fact]
    public async Task The_cache_survives_a_restart_and_prune_gives_its_room_back()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        using var context = new Context(("Dockerfile", "FROM busybox\nRUN head -c 3000000 /dev/zero > /zeros\nRUN --mount=type=cache,target=/c echo x > /c/x\n"));
        (await daemon.DockerAsync("build", "-t", "kept", context.Path)).Succeeded();

        (await daemon.StopAsync()).ShouldBe(0);
        await daemon.StartAgainAsync();
        (await daemon.DockerAsync("build", "-t", "kept", context.Path)).Succeeded().Split("Using cache").Length.ShouldBe(3);

        (await daemon.DockerAsync("rmi", "kept")).Succeeded();
        (await daemon.DockerAsync("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Size}}")).Succeeded().ShouldMatch("Build Cache [1-9][0-9]* [3-9].*MB");
        (await daemon.DockerAsync("builder", "prune", "-af")).Succeeded().ShouldMatch("Total reclaimed space: [3-9].*MB");
        (await daemon.DockerAsync("system", "df", "--format", "{{.Type}} {{.TotalCount}} {{.Size}}")).Succeeded().ShouldContain("Build Cache 0 0B");
        (await daemon.DockerAsync("build", "-t", "kept", context.Path)).Succeeded().ShouldNotContain("Using cache");
        (await daemon.DockerAsync("rmi", "kept", "busybox")).Succeeded();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        GC.SuppressFinalize(this);
    }

    private Task<Outcome> BuildAsync(Context context, params string[] options) => Daemon.DockerAsync(["build", "-t", _own, .. options, context.Path]);

    private async Task<string> IdAsync() => (await RunAsync(Clients.Docker, "image", "inspect", "-f", "{{.Id}}", _own)).Succeeded();

    private async Task<string> PostAsync(params (string Name, TarEntryType Type, string Link, string Content)[] entries)
    {
        using var body = new MemoryStream();
        await using (var tar = new TarWriter(body, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, type, link, content) in entries)
            {
                var entry = new PaxTarEntry(type, name);
                if (type is TarEntryType.SymbolicLink or TarEntryType.HardLink)
                    entry.LinkName = link;
                if (type == TarEntryType.RegularFile)
                    entry.DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content));
                await tar.WriteEntryAsync(entry);
            }
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, "build") { Content = new ByteArrayContent(body.ToArray()) };
        request.Content.Headers.ContentType = new("application/x-tar");
        using var answer = await Daemon.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>A build context of a few files.</summary>
    private sealed class Context : IDisposable
    {
        private readonly Scratch _scratch = new();

        public Context(params (string Name, string Content)[] files)
        {
            foreach (var (name, content) in files)
            {
                var path = System.IO.Path.Combine(Path, name);
                Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
                File.WriteAllText(path, content);
            }
        }

        public string Path => _scratch.Path;

        public void Dispose() => _scratch.Dispose();
    }
}
