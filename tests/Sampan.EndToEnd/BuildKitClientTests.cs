using System.Text.RegularExpressions;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Docker's client 20.10, Debian's, which has BuildKit's client in it: a session that the engine asks for files, secrets and agents.</summary>
public sealed class BuildKitClientTests(SharedEngine engine) : EngineTest(engine)
{
    private static string Client => DebianDocker.Required();

    private readonly string _own = $"session-{Guid.NewGuid():n}";
    private readonly Scratch _scratch = new();

    [Fact]
    public async Task A_directory_is_built_told_step_by_step_and_only_what_changed_is_sent_again()
    {
        Write("Dockerfile", $"FROM busybox\nCOPY . /files/\nRUN echo {_own}-ran && ls /files | wc -l\n");
        Write(".dockerignore", "*.log\n!kept.log\n");
        Write("left-out.log", "x");
        Write("kept.log", "x");
        for (var i = 0; i < 1000; i++)
            Write($"many/{i}", new string('a', 1000));
        // Neither of the last seconds nor of a whole one: such a time says nothing.
        var age = DateTime.UnixEpoch.AddDays(20_000).AddMilliseconds(1.5);
        foreach (var file in Directory.EnumerateFiles(Context, "*", SearchOption.AllDirectories))
            File.SetLastWriteTimeUtc(file, age);

        var first = await BuildAsync("-t", _own, Context);
        first.Succeeded();
        first.Stderr.ShouldMatch("(?m)^#[0-9]+ \\[internal\\] load build definition from Dockerfile$");
        first.Stderr.ShouldMatch("(?m)^#[0-9]+ \\[2/3\\] COPY \\. /files/$");
        first.Stderr.ShouldMatch($"(?m)^#[0-9]+ [0-9.]+ {_own}-ran$");
        Sent(first).ShouldBeInRange(1_000_000, 1_010_000);
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "sh", "-c", "ls /files; ls /files/many | wc -l")).Lines.ShouldBe(["Dockerfile", "kept.log", "many", "1000"], ignoreOrder: true);

        Write("many/7", new string('b', 1000));
        var second = await BuildAsync("-t", _own, Context);
        second.Succeeded();
        Sent(second).ShouldBe(1000);
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "sh", "-c", "cat /files/many/7 | head -c 3; cat /files/many/8 | head -c 3")).Text.ShouldBe("bbbaaa");
        var third = await BuildAsync(Context);
        third.Succeeded();
        Regex.Count(third.Stderr, "(?m)^#[0-9]+ CACHED$").ShouldBe(2);

        // Rules beside the Dockerfile come first.
        Write("Dockerfile.dockerignore", "many\n");
        (await BuildAsync("-t", _own, Context)).Succeeded();
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "ls", "/files")).Lines.ShouldContain("left-out.log");
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "ls", "/files")).Lines.ShouldNotContain("many");
    }

    [Fact]
    public async Task Options_say_which_file_stage_argument_label_network_host_and_cache()
    {
        Write("Dockerfile", "FROM busybox AS one\nARG A\nARG TARGETARCH\nRUN grep named /etc/hosts && echo \"A is $A on $TARGETARCH\" && ls /sys/class/net | tr '\\n' ' '\nCOPY file /file\nFROM one AS two\nRUN false\n");
        Write("file", _own);
        var id = Path.Combine(_scratch.Path, "id");
        var built = await BuildAsync("--target", "one", "--build-arg", $"A={_own}", "--label", "l=m", "--network", "none", "--add-host", "named:10.9.8.7", "--platform", "linux/amd64", "--iidfile", id, "-t", _own, "-t", $"{_own}:also", Context);
        built.Succeeded();
        built.Saying("10.9.8.7").Saying($"A is {_own} on amd64").Saying(" lo ");
        (await InspectAsync(Clients.Docker, _own, "{{.Id}} {{.Config.Labels.l}}")).ShouldBe($"{await File.ReadAllTextAsync(id)} m");
        (await BuildAsync("--target", "one", "--build-arg", $"A={_own}", "--network", "none", "--add-host", "named:10.9.8.7", "--no-cache", "--pull=false", Context)).Succeeded();
        (await BuildAsync("-q", "--target", "one", "--build-arg", $"A={_own}", "--network", "none", "--add-host", "named:10.9.8.7", "--cache-from", _own, Context)).Stdout.ShouldMatch("^sha256:[0-9a-f]{64}\n$");

        // A Dockerfile that lies elsewhere, comes by standard input, or is all there is.
        _scratch.Write("elsewhere/Other", $"FROM busybox\nCOPY file /x\nRUN cat /x\n");
        (await BuildAsync("-f", Path.Combine(_scratch.Path, "elsewhere/Other"), Context)).Succeeded();
        (await BuildAsync("FROM busybox\nCOPY file /by-stdin\n", "-f", "-", "-t", _own, Context)).Succeeded();
        (await RunAsync(Clients.Docker, "run", "--rm", _own, "cat", "/by-stdin")).Text.ShouldBe(_own);
        (await BuildAsync($"FROM busybox\nRUN echo {_own} alone\n", "-")).Succeeded();
        (await Shell.RunAsync("/bin/sh", ["-c", $"tar c -C {Context} . | {Client} build --progress plain --target one --add-host named:10.9.8.7 -q -"], Environment(Daemon))).Stdout.ShouldMatch("^sha256:[0-9a-f]{64}\n$");
        (await BuildAsync("-f", Path.Combine(Context, "none"), Context)).Failed().Saying("Cannot locate specified Dockerfile: none");
    }

    [Fact]
    public async Task A_step_that_fails_shows_its_output_and_lines_and_a_Dockerfile_that_is_wrong_its_place()
    {
        Write("Dockerfile", $"FROM busybox\nRUN echo {_own}; exit 3\n");
        var failed = await BuildAsync(Context);
        failed.Ended(1);
        failed.Stderr.ShouldMatch($"(?m)^#[0-9]+ [0-9.]+ {_own}$");
        failed.Stderr.ShouldMatch("(?m)^#[0-9]+ ERROR: process \"/bin/sh -c echo .*; exit 3\" did not complete successfully: exit code: 3");
        failed.Stderr.ShouldContain(" > [2/2] RUN echo");
        (await BuildAsync("-q", Context)).Ended(1).Saying(_own);
        Write("Dockerfile", "FROM busybox\nCOPY none /\n");
        (await BuildAsync(Context)).Ended(1).Saying("stat none: file does not exist").Saying("line 2");
        Write("Dockerfile", "FROM busybox\nNONSENSE\n");
        (await BuildAsync(Context)).Ended(1).Saying("unknown instruction: NONSENSE").Saying("line 2");
    }

    [Fact]
    public async Task A_secret_is_seen_by_its_step_and_is_nowhere_else()
    {
        var secret = $"very-secret-{Guid.NewGuid():n}";
        _scratch.Write("secret", secret);
        Write("Dockerfile", $"FROM busybox\nENV own={_own}\nRUN --mount=type=secret,id=s,required test $(wc -c < /run/secrets/s) = {secret.Length} && mount | grep -q /run/secrets\nRUN ! test -e /run/secrets/s\n");
        (await BuildAsync("--secret", $"id=s,src={Path.Combine(_scratch.Path, "secret")}", "-t", _own, Context)).Succeeded();
        (await BuildAsync("--no-cache", Context)).Ended(1).Saying("secret s: not found");
        (await Shell.RunAsync("/bin/grep", ["-r", "-l", "-s", "-F", secret, Daemon.DataRoot, Daemon.ExecRoot])).Stdout.ShouldBeEmpty();
        Daemon.Log.ShouldNotContain(secret);
        (await RunAsync(Clients.Docker, "history", "--no-trunc", _own)).Succeeded().ShouldNotContain(secret);
    }

    [Fact]
    public async Task Files_go_to_a_directory_or_an_archive_of_the_clients_and_leave_no_image()
    {
        Write("Dockerfile", $"FROM busybox AS b\nRUN mkdir /o && echo {_own} > /o/one && ln -s one /o/link && ln /o/one /o/other && chmod 640 /o/one && mkdir /o/d && head -c 5000000 /dev/zero > /o/d/large\nFROM scratch\nLABEL of={_own}\nCOPY --from=b /o/ /\n");
        var to = Path.Combine(_scratch.Path, "to");
        (await BuildAsync("-o", to, Context)).Succeeded();
        (await File.ReadAllTextAsync(Path.Combine(to, "other"))).Trim().ShouldBe(_own);
        File.GetUnixFileMode(Path.Combine(to, "one")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        new FileInfo(Path.Combine(to, "link")).LinkTarget.ShouldBe("one");
        new FileInfo(Path.Combine(to, "d/large")).Length.ShouldBe(5_000_000);
        var tar = Path.Combine(_scratch.Path, "files.tar");
        (await BuildAsync("-o", $"type=tar,dest={tar}", Context)).Succeeded();
        (await Shell.ShAsync($"tar tf {tar}")).Lines.ShouldBe(["d/", "d/large", "link", "one", "other"], ignoreOrder: true);
        (await Shell.RunAsync("/bin/sh", ["-c", $"{Client} build -o - {Context} 2>/dev/null | tar xO one"], Environment(Daemon))).Text.ShouldBe(_own);
        (await BuildAsync("-o", "type=cacheonly", Context)).Succeeded();
        (await RunAsync(Clients.Docker, "images", "-q", "--filter", "dangling=true", "--filter", $"label=of={_own}")).Stdout.ShouldBeEmpty();
        (await BuildAsync("-o", $"type=image,name={_own}:named", Context)).Succeeded();
        (await InspectAsync(Clients.Docker, $"{_own}:named", "{{len .RootFS.Layers}}")).ShouldBe("1");
        (await BuildAsync("-o", "type=oci,dest=x.tar", Context)).Failed().Saying("output type 'oci'").Saying("sampan build --output");
        (await BuildAsync("-o", "type=nonsense", Context)).Failed().Saying("output type 'nonsense' is not known");
    }

    [Fact]
    public async Task A_daemon_that_dies_in_a_build_is_told_as_an_error_and_the_next_one_builds()
    {
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("busybox");
        Write("Dockerfile", $"FROM busybox\nCOPY file /file\nRUN echo {_own}-begun; test \"$(cat /file)\" = done || sleep 1000\n");
        Write("file", "not yet");
        using var build = Shell.Start(Client, ["build", "--progress", "plain", Context], Environment(daemon));
        while (await build.StandardError.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2)) is { } line && !line.EndsWith($" {_own}-begun", StringComparison.Ordinal))
        {
            // Until the step runs.
        }
        await daemon.CrashAsync();
        var rest = build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        build.ExitCode.ShouldNotBe(0, await rest);

        await daemon.StartAgainAsync();
        (await daemon.SampanAsync("ps", "-aq")).Succeeded().ShouldBeEmpty();
        Write("file", "done");
        (await Shell.RunAsync(Client, ["build", Context], Environment(daemon))).Succeeded();
        (await daemon.SampanAsync("system", "check")).Succeeded();
    }

    [Fact]
    public async Task A_build_that_is_interrupted_ends_and_leaves_nothing()
    {
        Write("Dockerfile", $"FROM busybox\nRUN echo {_own}-begun; sleep 1000\n");
        // Those made ahead, whose names begin with a dot, are nobody's.
        HashSet<string> Containers() => [.. Directory.GetDirectories(Path.Combine(Daemon.DataRoot, "containers")).Where(path => !Path.GetFileName(path).StartsWith('.'))];
        var before = Containers();
        using var build = Shell.Start(Client, ["build", "--progress", "plain", Context], Environment(Daemon));
        var said = new List<string>();
        await Task.Run(async () =>
        {
            while (await build.StandardError.ReadLineAsync() is { } line)
            {
                said.Add(line);
                if (line.EndsWith($" {_own}-begun", StringComparison.Ordinal))
                    return;
            }
        }).WaitAsync(TimeSpan.FromMinutes(2));
        said.ShouldContain(line => line.EndsWith($" {_own}-begun", StringComparison.Ordinal), string.Join('\n', said));

        (await Shell.RunAsync("/bin/kill", ["-INT", $"{build.Id}"])).Succeeded();
        var rest = build.StandardError.ReadToEndAsync();
        await build.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));

        build.ExitCode.ShouldNotBe(0);
        await rest;
        await Eventually.HoldsAsync("the step's container is gone", () => Containers().IsSubsetOf(before));
        (await Daemon.SendAsync(HttpMethod.Post, "/build/cancel?id=none")).Status.ShouldBe(200);
        (await Daemon.SendAsync(HttpMethod.Post, "/build/cancel")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task A_session_needs_the_upgrade_and_a_name()
    {
        (await Daemon.SendAsync(HttpMethod.Post, "/session")).ShouldSatisfyAllConditions(answer => answer.Status.ShouldBe(400), answer => answer.Body.ShouldContain("no upgrade proto in request"));
        (await Shell.RunAsync("curl", ["-s", "--max-time", "30", "--unix-socket", Daemon.Host["unix://".Length..], "-X", "POST", "-H", "Connection: Upgrade", "-H", "Upgrade: h2c", "http://x/session"])).Saying("a session needs the header X-Docker-Expose-Session-Uuid");
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        (await Daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        _scratch.Dispose();
        GC.SuppressFinalize(this);
    }

    private string Context => Path.Combine(_scratch.Path, "context");

    private void Write(string path, string content) => _scratch.Write("context/" + path, content);

    // What the client had to send of its context, in bytes.
    private static long Sent(Outcome build)
    {
        var sent = Regex.Match(build.Stderr, "load build context(?s:.*?)transferring context: (?<number>[0-9.]+)(?<unit>k?M?)B", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));
        sent.Success.ShouldBeTrue(build.Stderr);
        var unit = sent.Groups["unit"].Value switch { "k" => 1000, "M" => 1_000_000, _ => 1 };
        return (long)(double.Parse(sent.Groups["number"].Value, System.Globalization.CultureInfo.InvariantCulture) * unit);
    }

    private Task<Outcome> BuildAsync(params string[] arguments) => arguments[0].StartsWith("FROM ", StringComparison.Ordinal) ? RunClientAsync(arguments[0], arguments[1..]) : RunClientAsync(null, arguments);

    private Task<Outcome> RunClientAsync(string? stdin, params string[] arguments) => Shell.RunAsync(Client, ["build", "--progress", "plain", .. arguments], Environment(Daemon), stdin);

    private static Dictionary<string, string> Environment(Daemon daemon) =>
        new(daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "1", ["SSH_AUTH_SOCK"] = "" };
}
