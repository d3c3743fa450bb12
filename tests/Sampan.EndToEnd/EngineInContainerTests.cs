using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>An engine of its own in a privileged container, which runs containers there.</summary>
public sealed class EngineInContainerTests(SharedEngine engine) : EngineTest(engine)
{
    private const string Libraries = "/usr/lib/x86_64-linux-gnu";
    private const string Inside = "/usr/local/sampan";

    [Fact]
    public async Task An_engine_in_a_privileged_container_runs_containers()
    {
        var binaries = Compiled();
        await Shared.WithAsync("debian");
        var name = NewName("inner-engine");
        (await RunAsync(Clients.Sampan, [
            "run", "-d", "--name", name, "--privileged", "-v", "/var/lib/sampan", .. binaries.SelectMany(file => (string[])["-v", $"{file}:{Inside}/{Path.GetFileName(file)}:ro"]),
            .. Library("libssl.so.3"), .. Library("libcrypto.so.3"), "-v", $"{Checkout.Image("busybox")}:/busybox.tar:ro", "debian", $"{Inside}/sampand", "--bip", "172.31.255.1/24",
        ])).Succeeded();
        await Eventually.HoldsAsync("the inner engine answers", async () => (await InnerAsync(name, "version")).ExitCode == 0);

        (await InnerAsync(name, "load", "-q", "-i", "/busybox.tar")).Succeeded();
        var seen = (await InnerAsync(name, "run", "--rm", "--memory", "32m", "busybox", "sh", "-c",
            "echo from the inside; ip route | grep -c 'default via 172.31.255.1'; cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes")).Succeeded();

        seen.Split('\n').ShouldBe(["from the inside", "1", "33554432"]);
        (await InnerAsync(name, "run", "-d", "--name", "stays", "busybox", "sleep", "3600")).Succeeded();
        (await InnerAsync(name, "exec", "stays", "echo", "entered")).Succeeded().ShouldBe("entered");
        // What runs inside ends with the container that its engine is in.
        (await RunAsync(Clients.Sampan, "rm", "-fv", name)).Succeeded();
    }

    [Fact]
    public async Task An_engine_in_a_container_publishes_builds_keeps_restarts_and_leaves_nothing_when_it_is_removed()
    {
        var binaries = Compiled();
        string[] client = Shell.Find("docker") is { } docker ? ["-v", $"{docker}:/usr/local/bin/docker:ro"] : [];
        await using var daemon = await Daemon.StartAsync();
        await daemon.LoadAsync("debian");
        (await daemon.SampanAsync("run", "--rm", "--privileged", "-v", "/var/lib/sampan", "-p", "80", "debian", "true")).Succeeded();
        var nothing = await Census.TakeAsync(daemon);
        (await daemon.SampanAsync([
            "run", "-d", "--name", "inner", "--privileged", "-v", "/var/lib/sampan", .. binaries.SelectMany(file => (string[])["-v", $"{file}:{Inside}/{Path.GetFileName(file)}:ro"]),
            .. client, .. Library("libssl.so.3"), .. Library("libcrypto.so.3"), "-v", $"{Checkout.Image("busybox")}:/busybox.tar:ro",
            "debian", "bash", "-c", $"while :; do {Inside}/sampand --bip 172.31.254.1/24 & echo $! >/pid; wait $!; done",
        ])).Succeeded();
        await AnswersAsync();
        (await InnerAsync("load", "-q", "-i", "/busybox.tar")).Succeeded();

        // A build, of which a container serves a volume's file at a port of the outer container's.
        (await InAsync("printf 'FROM busybox\\nRUN echo built >/page\\nCMD cp /page /w/index.html; exec httpd -f -h /w\\n' | $CLIENT build -q -t page -")).Succeeded();
        (await InnerAsync("run", "-d", "--name", "web", "-p", "8080:80", "-v", "kept:/w", "page")).Succeeded();
        await ServesAsync();

        // The inner engine ends in order, and is killed: what it runs goes on, and the next one knows it.
        foreach (var signal in new[] { "TERM", "KILL" })
        {
            (await InAsync($"before=$(cat /pid); kill -{signal} $before; while [ $(cat /pid) = $before ]; do sleep 0.05; done")).Succeeded();
            await AnswersAsync();
            (await InnerAsync("ps", "--format", "{{.Names}} {{.State}}")).Succeeded().ShouldBe("web running");
            await ServesAsync();
        }

        (await InnerAsync("run", "--rm", "-v", "kept:/w", "busybox", "cat", "/w/index.html")).Succeeded().ShouldBe("built");
        (await daemon.SampanAsync("exec", "inner", $"{Inside}/sampan", "system", "check")).Succeeded();
        (await daemon.SampanAsync("rm", "-fv", "inner")).Succeeded();
        await Census.ReturnsToAsync(daemon, nothing);

        Task AnswersAsync() => Eventually.HoldsAsync("the inner engine answers", async () => (await InnerAsync("version")).ExitCode == 0);

        Task ServesAsync() => Eventually.HoldsAsync("the page is served", async () => (await InAsync("exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3")).Stdout.EndsWith("\r\n\r\nbuilt\n", StringComparison.Ordinal));

        Task<Outcome> InnerAsync(params string[] arguments) => InAsync($"$CLIENT {string.Join(' ', arguments.Select(argument => $"'{argument}'"))}");

        // With docker's client where there is one.
        Task<Outcome> InAsync(string script) => daemon.SampanAsync("exec", "-e", $"CLIENT={(client.Length > 0 ? "docker" : $"{Inside}/sampan")}", "-e", "DOCKER_HOST=unix:///run/sampan/sampan.sock", "-e", "DOCKER_BUILDKIT=0", "inner", "bash", "-c", script);
    }

    private Task<Outcome> InnerAsync(string container, params string[] arguments) => RunAsync(Clients.Sampan, ["exec", container, $"{Inside}/sampan", .. arguments]);

    private static string[] Library(string name)
    {
        var path = Path.Combine(Libraries, name);
        if (!File.Exists(path))
            Assert.Skip($"{path} is not here: the inner engine needs it");
        return ["-v", $"{path}:{path}:ro"];
    }

    // What was built to be run by the framework of this machine finds none in the container.
    private static string[] Compiled()
    {
        string[] files = [.. new[] { "sampand", "sampan", "sampan-runtime" }.Select(Checkout.Executable).Select(path => new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path)];
        if (files.Any(file => File.Exists(file + ".dll")))
            Assert.Skip("the executables are not compiled ahead of time (make)");
        return files;
    }
}
