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
