namespace Sampan.EndToEnd.Harness;

/// <summary>Images of what is below <c>examples/</c>, built from Debian's and other people's packages: only on request, as that takes minutes and the network.</summary>
internal static class ExampleImages
{
    /// <summary>What the examples' argument DEBIAN is: the small Debian made here, with what this machine needs to fetch packages.</summary>
    public const string Base = "debian-here";

    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(20);

    public static string Directory { get; } = Path.Combine(Checkout.Root, "examples");

    /// <summary>Skips the test unless it was asked for.</summary>
    public static void NeedRequest()
    {
        if (Environment.GetEnvironmentVariable("SAMPAN_TEST_APPS") != "1")
        {
            Assert.Skip("on request, as it fetches packages: make test-apps");
        }
    }

    /// <summary>Makes the base on an engine: the cache has it after the first time.</summary>
    public static async Task PrepareAsync(SharedEngine engine)
    {
        NeedRequest();
        await engine.WithAsync("debian");
        using var context = new Scratch();
        (await Shell.ShAsync($"apt-config dump | grep -E '^Acquire::(Check|http|https|ftp|Retries|ForceIPv)[^ ]* \"[^\"]+\";' > {context.Path}/apt.conf; cat /etc/ssl/certs/ca-certificates.crt > {context.Path}/machine.pem")).Succeeded();
        await File.WriteAllTextAsync(Path.Combine(context.Path, "Dockerfile"), """
            FROM debian
            COPY --chmod=755 <<SH /usr/sbin/policy-rc.d
            #!/bin/sh
            exit 101
            SH
            COPY apt.conf /etc/apt/apt.conf.d/99machine
            COPY machine.pem /etc/ssl/machine.pem
            ENV NODE_EXTRA_CA_CERTS=/etc/ssl/machine.pem
            """);
        await BuildAsync(engine, Clients.Sampan, Base, context.Path);
    }

    /// <summary>Builds a directory.</summary>
    /// <param name="engine">Where.</param>
    /// <param name="client">By which client.</param>
    /// <param name="name">The image's name.</param>
    /// <param name="directory">The context; a name of an example if it is none.</param>
    /// <param name="options">Of build.</param>
    public static async Task BuildAsync(SharedEngine engine, string client, string name, string directory, params string[] options)
    {
        var environment = new Dictionary<string, string>(engine.Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_BUILDKIT"] = "0" };
        (await Shell.RunAsync(Clients.Path(client), ["build", "-t", name, "--build-arg", $"DEBIAN={Base}", .. options, Path.Combine(Directory, directory)], environment, within: s_patience)).Succeeded();
    }

    /// <summary>As long as a command may take that builds.</summary>
    public static Task<Outcome> RunAsync(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        Shell.RunAsync(file, arguments, environment, within: s_patience);
}
