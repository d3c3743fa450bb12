using System.Formats.Tar;
using System.Text;
using System.Text.Json.Nodes;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Attacks on builders that worked somewhere, tried on this one: each leaves builder, cache and host as they were.</summary>
public sealed class BuildSecurityTests(SharedEngine engine) : EngineTest(engine)
{
    private readonly string _own = $"attack-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();
    private readonly Scratch _host = new();

    // A directory of the host that attacks lead to: nothing may come in, and what is in it stays.
    private string Host => _host.Path;

    [Fact]
    public async Task CVE_2024_23650_no_parameter_and_no_header_of_any_shape_ends_the_daemon()
    {
        foreach (var query in new[]
        {
            "buildargs=[]", "buildargs=x", "buildargs={\"a\":1}", "labels=7", "ulimits={}", "ulimits=[{}]", "ulimits=[null]", "cachefrom={}", "cachefrom=[null]", "contexts=[]", "contexts={\"x\":\"dir:../..\"}", "securityopt=1",
            "t=%40%40", "t=a:b:c", "memory=many", "platform=%00", "cacheto=%3Bpush", "allow=all", "ssh=", "agentsession=", "annotations=[]", "dockerfile=..%2F..%2F..%2Fetc%2Fpasswd", "dockerfile=%00", "dockerfile=", "remote=file:%2F%2F%2Fetc%2Fpasswd", "remote=%2Fetc%2Fpasswd",
            "target=%0a", "networkmode=container:nobody", "extrahosts=x",
        })
        {
            var answer = await PostAsync(Tar(("Dockerfile", "FROM busybox\nRUN true\n")), query);
            // Refused with a status, or with the last message of the stream: or harmless.
            answer.ShouldMatch("\"message\":|\"error\":|Successfully built|^$", query);
            answer.ShouldNotContain("Object reference", Case.Sensitive, query);
            answer.ShouldNotContain("Exception", Case.Sensitive, query);
        }
        foreach (var header in new[] { "X-Registry-Config", "X-Sampan-Secrets" })
        {
            foreach (var value in new[] { "x", "bnVsbA==", "W10=", "eyJhIjpudWxsfQ==" })
                (await PostAsync(Tar(("Dockerfile", "FROM scratch\nLABEL a=b\n")), "", (header, value))).ShouldMatch($"invalid {header} header|Successfully built");
        }
        await ShouldBuildAsync();
    }

    [Fact]
    public async Task CVE_2024_23651_and_CVE_2024_11218_a_cache_that_another_build_exchanges_for_links_leads_nowhere()
    {
        _scratch.Write("swap/Dockerfile", $"FROM busybox\nRUN --mount=type=cache,id={_own},target=/c while ! test -e /c/stop; do rm -rf /c/x; ln -s {Host} /c/x; rm -f /c/x; mkdir -p /c/x; done\n");
        _scratch.Write("victim/file", "x");
        _scratch.Write("victim/Dockerfile", $"FROM busybox\nRUN --mount=type=cache,id={_own},target=/c --mount=type=bind,rw,source=file,target=/c/x/mounted --mount=type=tmpfs,target=/c/x/memory --mount=type=cache,id={_own}-2,target=/c/x/other sh -c 'echo through > /c/x/written; echo through > /c/x/other/written; true'\n");
        _scratch.Write("stop/Dockerfile", $"FROM busybox\nRUN --mount=type=cache,id={_own},target=/c touch /c/stop\n");
        File.WriteAllText(Path.Combine(Host, "kept"), "as it was");
        var swapping = BuildAsync("swap");
        try
        {
            await Eventually.HoldsAsync("the other build runs", async () => (await RunAsync(Clients.Docker, "ps", "-q", "--filter", "label=io.sampan.build")).Stdout.Length > 0);
            for (var i = 0; i < 5; i++)
                await BuildAsync("victim", "--no-cache");
        }
        finally
        {
            (await BuildAsync("stop")).Succeeded();
        }
        (await swapping).Succeeded();

        Directory.EnumerateFileSystemEntries(Host).Select(Path.GetFileName).ShouldBe(["kept"]);
        (await File.ReadAllTextAsync(Path.Combine(Host, "kept"))).ShouldBe("as it was");
        await ShouldBuildAsync();
    }

    [Fact]
    public async Task CVE_2024_23652_stubs_of_mounts_are_taken_away_and_files_of_the_host_are_not()
    {
        File.WriteAllText(Path.Combine(Host, "kept"), "");
        Directory.CreateDirectory(Path.Combine(Host, "empty"));
        _scratch.Write("context/file", "x");
        _scratch.Write("context/Dockerfile", $"""
            FROM busybox
            RUN mkdir -p /d {Host} && ln -s {Host} /d/link && ln -s ../../../../../../../../..{Host} /up && echo {_own}
            RUN --mount=type=bind,source=file,target=/d/link/kept --mount=type=tmpfs,target=/up/empty --mount=type=bind,source=file,target=/deep/down/stub rm -rf /d; ln -s {Host} /d; rm -rf /deep; true
            RUN test ! -e /deep/down/stub
            """);
        (await BuildAsync("context")).Succeeded();
        File.Exists(Path.Combine(Host, "kept")).ShouldBeTrue();
        Directory.Exists(Path.Combine(Host, "empty")).ShouldBeTrue();
        Directory.EnumerateFileSystemEntries(Host).Count().ShouldBe(2);
    }

    [Fact]
    public async Task CVE_2024_23653_and_GHSA_7236_a_step_has_no_more_rights_than_a_container()
    {
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN grep -E '^(CapEff|Seccomp|NoNewPrivs):' /proc/self/status; ! mount -t tmpfs none /mnt 2>/dev/null && ! (echo 0 > /proc/sys/kernel/panic) 2>/dev/null && echo confined\n");
        var built = (await BuildAsync("context")).Succeeded();
        built.ShouldContain(" confined\n");
        built.ShouldMatch("Seccomp:\\s+2");
        built.ShouldMatch("CapEff:\\s+00000000a80425fb");
        foreach (var instruction in new[] { "RUN --security=insecure true", "RUN --network=host true" })
        {
            _scratch.Write("context/Dockerfile", $"FROM busybox\n{instruction}\n");
            (await BuildAsync("context")).Failed().Saying("line 2").Saying("granted");
        }
        // What is granted is granted for one build, and not for its network or rights alone.
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --network=host --security=insecure true\n");
        (await BuildAsync("context", "--allow", "network.host")).Failed().Saying("security.insecure");
    }

    [Fact]
    public async Task CVE_2026_33747_a_syntax_line_runs_nothing_and_a_Dockerfiles_name_leads_nowhere()
    {
        _scratch.Write("context/Dockerfile", $"# syntax=localhost:1/frontend/that:writes\nFROM busybox\nENV own={_own}\nRUN echo by our own parser\n");
        (await BuildAsync("context")).Succeeded().ShouldContain("by our own parser");
        foreach (var name in new[] { "../../../../../../etc/passwd", "/../../etc/passwd" })
            (await PostAsync(Tar(("a", "x")), $"dockerfile={Uri.EscapeDataString(name)}")).ShouldContain("Cannot locate specified Dockerfile");
        // A link as the Dockerfile leads into the context alone.
        _scratch.Write("linked/real", $"FROM busybox\nENV own={_own}\nRUN echo by a link\n");
        File.CreateSymbolicLink(Path.Combine(_scratch.Path, "linked", "Dockerfile"), "../../../../../../../real");
        (await RunAsync(Clients.Docker, "build", "-q", Path.Combine(_scratch.Path, "linked"))).Failed();
    }

    [Fact]
    public async Task GHSA_32pv_files_that_are_copied_up_and_away_stay_in_the_image()
    {
        File.WriteAllText(Path.Combine(Host, "kept"), "as it was");
        var up = "../../../../../../../../../../../..";
        _scratch.Write("context/file", "changed");
        _scratch.Write("context/Dockerfile", $"""
            FROM busybox
            ENV own={_own}
            WORKDIR /{up}{Host}
            COPY file kept
            COPY file {up}{Host}/more/
            ADD --chmod=777 file /{up}{Host}/added
            RUN rm -rf {Host} /tmp/* && mkdir -p {Host}
            """);
        (await BuildAsync("context")).Succeeded();
        Directory.EnumerateFileSystemEntries(Host).Select(Path.GetFileName).ShouldBe(["kept"]);
        (await File.ReadAllTextAsync(Path.Combine(Host, "kept"))).ShouldBe("as it was");
    }

    [Fact]
    public async Task GHSA_g2h8_an_output_stays_in_its_directory_whatever_links_the_image_has()
    {
        var output = Path.Combine(_scratch.Path, "output");
        _scratch.Write("context/file", "x");
        _scratch.Write("context/Dockerfile", $"FROM busybox AS made\nRUN mkdir -p /m/d && ln -s {Host} /m/absolute && ln -s ../../../../../../../../../../..{Host} /m/up && ln -s / /m/root && echo {_own} > /m/d/file\nFROM scratch\nCOPY --from=made /m /\n");
        (await BuildAsync("context", "-o", output)).Succeeded();
        new FileInfo(Path.Combine(output, "absolute")).LinkTarget.ShouldBe(Host);
        (await File.ReadAllTextAsync(Path.Combine(output, "d/file"))).Trim().ShouldBe(_own);
        // What one build left is no way out for the next.
        _scratch.Write("context/Dockerfile", $"FROM scratch\nLABEL own={_own}\nCOPY file /absolute/file\nCOPY file /up/file\n");
        await BuildAsync("context", "-o", output);
        Directory.EnumerateFileSystemEntries(Host).ShouldBeEmpty();
    }

    [Fact]
    public async Task CVE_2024_1753_and_CVE_2024_9407_a_mount_shows_files_of_its_source_and_takes_no_other_words()
    {
        File.WriteAllText(Path.Combine(Host, "kept"), "of the host");
        _scratch.Write("context/Dockerfile", $"FROM busybox AS evil\nRUN ln -s / /root-of-it && ln -s {Host} /out && echo {_own}\nFROM busybox\nRUN --mount=type=bind,from=evil,source=/root-of-it,target=/m,rw ls /m | head -3; echo x > /m/written; test ! -e /m{Host}/kept\n");
        (await BuildAsync("context")).Succeeded();
        _scratch.Write("context/Dockerfile", "FROM busybox AS evil\nRUN ln -s " + Host + " /out\nFROM busybox\nRUN --mount=type=bind,from=evil,source=/out,target=/m ls /m\n");
        (await BuildAsync("context")).Failed().Saying("not found");
        File.Exists("/written").ShouldBeFalse();
        foreach (var option in new[] { "bind-propagation=shared", "z=true", "relabel=shared", "U=true" })
        {
            _scratch.Write("context/Dockerfile", $"FROM busybox\nRUN --mount=type=bind,target=/m,{option} true\n");
            (await BuildAsync("context")).Failed().Saying("line 2").Saying("unexpected key");
        }
    }

    [Fact]
    public async Task CVE_2024_9675_ids_of_caches_and_secrets_are_no_paths()
    {
        Directory.CreateDirectory(Path.Combine(Host, "files"));
        var up = "../../../../../../../../../../../..";
        _scratch.Write("secret", "hush");
        _scratch.Write("context/Dockerfile", $"""
            FROM busybox
            ENV own={_own}
            RUN --mount=type=cache,id={up}{Host},target=/c --mount=type=cache,id={Host},target=/d echo x > /c/written && echo x > /d/written
            RUN --mount=type=secret,id={up}/etc/hush test -e /run/secrets/hush && ! test -e /etc/hush && echo seen
            """);
        (await BuildAsync("context", "--secret", $"id={up}/etc/hush,src={Path.Combine(_scratch.Path, "secret")}")).Succeeded().ShouldContain(" seen\n");
        Directory.EnumerateFileSystemEntries(Host, "*", SearchOption.AllDirectories).Count().ShouldBe(1);
        _scratch.Write("context/Dockerfile", $"FROM busybox\nRUN --mount=type=secret,id=x/.. true\n");
        (await BuildAsync("context", "--secret", $"id=x/..,src={Path.Combine(_scratch.Path, "secret")}")).Failed().Saying("line 2");
    }

    [Fact]
    public async Task A_secret_of_a_build_that_fails_is_in_no_layer_no_history_no_cache_no_log_and_no_error()
    {
        var secret = $"hidden-{Guid.NewGuid():n}";
        _scratch.Write("secret", secret);
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --mount=type=secret,id=s --mount=type=secret,id=s,env=S --mount=type=cache,target=/c test -s /run/secrets/s && test -n \"$S\" && touch /made && exit 5\n");
        var failed = (await BuildAsync("context", "--secret", $"id=s,src={Path.Combine(_scratch.Path, "secret")}", "--explain", "--cache-to", $"type=local,dest={Path.Combine(_scratch.Path, "cache")}")).Ended(5);
        failed.All.ShouldNotContain(secret);
        await Eventually.HoldsAsync("the secret is nowhere on the disk", async () => (await Shell.RunAsync("/bin/grep", ["-r", "-l", "-s", "-F", secret, Daemon.DataRoot, Daemon.ExecRoot])).Stdout.Length == 0);
        Daemon.Log.ShouldNotContain(secret);
        var history = (await Daemon.SampanAsync("build", "history", "--format", "json")).Succeeded();
        history.ShouldNotContain(secret);
    }

    [Theory]
    [InlineData("CVE-2019-13139", "https://127.0.0.1:1/x.git#--upload-pack=touch${IFS}HOST/made")]
    [InlineData("CVE-2019-13139", "git@127.0.0.1:--upload-pack=touch HOST/made")]
    [InlineData("CVE-2019-13139", "ssh://-oProxyCommand=touch${IFS}HOST/made/x.git")]
    [InlineData("CVE-2019-13139", "git://127.0.0.1:1/x.git#;touch HOST/made")]
    [InlineData("CVE-2022-39253", "https://127.0.0.1:1/../../HOST/x.git#main:../../../HOST")]
    [InlineData("CVE-2022-39253", "file://HOST/x.git")]
    [InlineData("CVE-2026-33748", "https://127.0.0.1:1/x.git#refs/heads/../../HOST:sub")]
    [InlineData("GHSA-hw3h-2gp9-cxpv", "https://127.0.0.1:1/x.git#main:../../../../../..HOST")]
    [InlineData("GHSA-hw3h-2gp9-cxpv", "git://ext::sh -c touch HOST/made.git")]
    public async Task An_address_of_a_repository_starts_nothing_and_leads_nowhere(string attack, string address)
    {
        address = address.Replace("HOST", Host, StringComparison.Ordinal);
        // By each way that an address can come; all refuse it before git begins, or git finds nobody there.
        (await PostAsync([], $"remote={Uri.EscapeDataString(address)}")).ShouldContain("\"message\":", Case.Sensitive, attack);
        (await PostAsync(Tar(("Dockerfile", "FROM scratch\nCOPY --from=x / /\n")), $"contexts={Uri.EscapeDataString(new JsonObject { ["x"] = address }.ToJsonString())}")).ShouldMatch("\"message\":|\"error\":", attack);
        (await PostAsync(Tar(("Dockerfile", $"FROM scratch\nADD [\"{address}\", \"/x/\"]\n")), "")).ShouldContain("\"error\":", Case.Sensitive, attack);
        Directory.EnumerateFileSystemEntries(Host).ShouldBeEmpty(attack);
    }

    [Fact]
    public async Task CVE_2024_24557_an_image_that_claims_the_steps_of_a_build_is_no_cache_for_it()
    {
        _scratch.Write("context/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN echo honest > /said\n");
        // As the classic cache looked for it: an image with just this parent, configuration and command, and other files.
        var hostile = ImageArchive.OnBusybox().Layer(ImageArchive.File("said", "hostile\n"));
        hostile.Config["Env"] = new JsonArray("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", $"own={_own}");
        hostile.Config["Cmd"] = new JsonArray("/bin/sh", "-c", "echo honest > /said");
        try
        {
            (await Daemon.ClientWithBytesAsync(Clients.Sampan, hostile.DockerArchive($"{_own}-hostile"), "load", "-q")).Succeeded();
            foreach (var options in new string[][] { [], ["--cache-from", $"{_own}-hostile"] })
            {
                (await BuildAsync("context", ["-t", _own, .. options])).Succeeded();
                (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/said")).Succeeded().ShouldBe("honest");
                (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
            }
        }
        finally
        {
            await Daemon.DockerAsync("rmi", "-f", _own, $"{_own}-hostile");
        }
    }

    [Fact]
    public async Task GHSA_qx3x_no_message_of_any_shape_to_the_builders_own_endpoints_ends_the_daemon()
    {
        const string Key = "0123456789abcdef0123456789abcdef";
        foreach (var (path, body) in new[]
        {
            ("sampan/builds/contexts", ""), ($"sampan/builds/contexts?key={Key}", "a"), ($"sampan/builds/contexts?key={Key}", "a\0"), ($"sampan/builds/contexts?key={Key}&path=%00", "../../etc/passwd\0x\0\0\0"),
            ("sampan/builds/contexts?key=..%2F..%2F..%2F..%2Fetc%2Fpasswd", "a\0b\0"), ("sampan/builds/agents", "x"), ($"sampan/builds/agents?session={Key}", "x"), ("sampan/builds/agents?session=x&id=y", "x"),
            ($"build?knowncontext={Key}", "x"), ("build?agentsession=x&ssh=default", "x"), ("build/prune?filters=%7B", ""), ("build/prune?filters=%5B%5D&keep-storage=x", ""), ("build/prune?id=..%2F..", ""),
        })
        {
            using var answer = await Daemon.Http.PostAsync(path, new ByteArrayContent(Encoding.UTF8.GetBytes(body)));
            var said = await answer.Content.ReadAsStringAsync();
            said.ShouldNotContain("Object reference", Case.Sensitive, path);
            said.ShouldNotContain("Exception", Case.Sensitive, path);
        }
        foreach (var path in new[] { "sampan/builds/..%2F..", "sampan/builds/%00/logs", $"sampan/builds/{new string('a', 5000)}" })
            (await Daemon.SendAsync(HttpMethod.Get, "/" + path)).Status.ShouldBeInRange(400, 499, path);
        await ShouldBuildAsync();
    }

    [Fact]
    public async Task Circles_of_triggers_are_refused_with_the_line_that_begins_them()
    {
        _scratch.Write("base/Dockerfile", $"FROM busybox\nENV own={_own}\nONBUILD COPY --from=last /x /x\n");
        (await BuildAsync("base", "-t", _own)).Succeeded();
        _scratch.Write("context/Dockerfile", $"FROM {_own} AS last\nRUN true\n");
        (await BuildAsync("context")).Failed().Saying("line 1").Saying("circular dependency detected on stage: last");
        _scratch.Write("context/Dockerfile", $"FROM {_own} AS one\nRUN true\nFROM busybox AS last\nCOPY --from=one /etc/passwd /x\n");
        (await BuildAsync("context")).Failed().Saying("line 1").Saying("circular dependency detected on stage: last");
        foreach (var trigger in new[] { "ONBUILD RUN true", "FROM busybox", "MAINTAINER me" })
        {
            _scratch.Write("base/Dockerfile", $"FROM busybox\nONBUILD {trigger}\n");
            (await BuildAsync("base")).Failed().Saying("line 2").Saying("ONBUILD");
        }
        // An image that somebody else made may have what we would not write.
        foreach (var trigger in new[] { "FROM busybox", "NONSENSE", "RUN a\nRUN b", "" })
        {
            var hostile = ImageArchive.OnBusybox();
            hostile.Config["OnBuild"] = new JsonArray(trigger);
            (await Daemon.ClientWithBytesAsync(Clients.Sampan, hostile.DockerArchive($"{_own}-hostile"), "load", "-q")).Succeeded();
            _scratch.Write("context/Dockerfile", $"FROM {_own}-hostile\n");
            (await BuildAsync("context")).Failed().Saying("line 1");
        }
        await ShouldBuildAsync();
    }

    [Fact]
    public async Task Dockerfiles_without_measure_are_refused_with_a_place_and_the_next_build_is_as_quick()
    {
        var many = new StringBuilder("FROM busybox\n");
        for (var i = 0; i < 100_000; i++)
            many.Append("ARG a").Append(i).Append('\n');
        (await PostAsync(Tar(("Dockerfile", many.ToString())), "")).ShouldContain("dockerfile parse error on line 10001: more than the 10000 instructions allowed");
        (await PostAsync(Tar(("Dockerfile", "FROM busybox\n" + new string('#', 10 << 20))), "")).ShouldMatch("line greater than maximum allowed size|more than the .* allowed|is larger than");
        (await PostAsync(Tar(("Dockerfile", "FROM busybox\n" + string.Concat(Enumerable.Repeat("# a line of a comment\n", 500_000)))), "")).ShouldMatch("more than the|is larger than|has .* bytes");
        var growing = new StringBuilder("FROM busybox\nENV a0=0123456789\n");
        for (var i = 1; i < 60; i++)
            growing.Append($"ENV a{i}=$a{i - 1}$a{i - 1}$a{i - 1}$a{i - 1}\n");
        (await PostAsync(Tar(("Dockerfile", growing.ToString())), "")).ShouldMatch("the expansion is longer than [0-9]+ characters \\(line [0-9]+, column 1\\)");
        await ShouldBuildAsync();
    }

    [Fact]
    public async Task A_context_of_100_000_files_and_names_of_every_byte_is_read_and_one_that_lies_is_refused()
    {
        using var body = new MemoryStream();
        await using (var tar = new TarWriter(body, TarEntryFormat.Pax, leaveOpen: true))
        {
            await tar.WriteEntryAsync(Entry("Dockerfile", $"FROM busybox\nENV own={_own}\nCOPY many/99999 odd /o/\nRUN find /o -mindepth 1 -maxdepth 1 -print0 | tr -cd '\\0' | wc -c; cat /o/99999\n"));
            for (var i = 0; i < 100_000; i++)
                await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, $"many/{i}") { DataStream = i == 99_999 ? new MemoryStream("the last\n"u8.ToArray()) : null });
            foreach (var name in new[] { "new\nline", "-rf", "--help", " ", "*", "\\", "a\tb", "\u202eright", new string('x', 255), "$HOME", "`id`" })
                await tar.WriteEntryAsync(Entry("odd/" + name, name));
        }
        var built = await PostAsync(body.ToArray(), $"t={_own}");
        // Of what two programs write one message may be made.
        built.ShouldContain("\"12\\n");
        built.ShouldContain("the last");
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/o/new\nline")).Stdout.ShouldBe("new\nline");

        const int Second = 1024;
        var honest = Tar(("Dockerfile", "FROM busybox\n"), ("file", new string('x', 5000)));
        // Cut off in a file; a size that is larger than what follows; a checksum that is wrong; a size below zero.
        (await PostAsync(honest[..3000], "")).ShouldContain("\"message\"");
        foreach (var (at, bytes) in new[] { (Second + 124, "77777777777"u8.ToArray()), (Second + 148, "0000000"u8.ToArray()), (Second + 124, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]) })
        {
            var lying = honest.ToArray();
            bytes.CopyTo(lying, at);
            if (at == Second + 124)
                Resum(lying, Second);
            (await PostAsync(lying, "")).ShouldContain("\"message\"");
        }
        await ShouldBuildAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        _scratch.Dispose();
        _host.Dispose();
        GC.SuppressFinalize(this);
    }

    private async Task ShouldBuildAsync()
    {
        _scratch.Write("after/Dockerfile", $"FROM busybox\nENV own={_own}\nRUN echo unharmed\n");
        (await BuildAsync("after", "--no-cache")).Succeeded().ShouldContain(" unharmed\n");
    }

    private Task<Outcome> BuildAsync(string context, params string[] options) => Daemon.SampanAsync(["build", .. options, Path.Combine(_scratch.Path, context)]);

    private async Task<string> PostAsync(byte[] body, string query, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"build?{query}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new("application/x-tar");
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        using var answer = await Daemon.Http.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static PaxTarEntry Entry(string name, string content) => new(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) };

    private static byte[] Tar(params (string Name, string Content)[] files)
    {
        using var body = new MemoryStream();
        using (var tar = new TarWriter(body, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in files)
                tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)) });
        }
        return body.ToArray();
    }

    private static void Resum(byte[] tar, int header)
    {
        "        "u8.CopyTo(tar.AsSpan(header + 148));
        var sum = tar.AsSpan(header, 512).ToArray().Sum(b => b);
        Encoding.ASCII.GetBytes($"{Convert.ToString(sum, 8).PadLeft(6, '0')}\0 ").CopyTo(tar, header + 148);
    }
}
