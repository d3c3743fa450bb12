namespace Sampan.EndToEnd.Harness;

/// <summary>An application below <c>examples/</c> with a compose file, in a copy of its directory, run by docker's client with its plugin or by ours. What it made goes with it.</summary>
internal sealed class Example : IAsyncDisposable
{
    private static int s_count;
    private readonly EngineTest _test;
    private readonly string _client;
    private readonly string _directory;
    private readonly Scratch _scratch = new();

    private Example(EngineTest test, string client, string directory)
    {
        _test = test;
        _client = client;
        _directory = directory;
        Name = $"example-{directory}-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
    }

    public string Name { get; }

    public string Path => System.IO.Path.Combine(_scratch.Path, _directory);

    /// <summary>What the file's variables are, beside DEBIAN.</summary>
    public Dictionary<string, string> Variables { get; } = new(StringComparer.Ordinal) { ["DEBIAN"] = ExampleImages.Base };

    public static async Task<Example> OpenAsync(EngineTest test, string client, string directory)
    {
        if (client == Clients.Docker && new FileInfo(Checkout.Executable(Clients.Sampan)).LinkTarget is not null)
        {
            ExampleImages.NeedRequest();
            Assert.Skip("out/sampan is a link into a directory of a framework: it does not run under a plugin's name");
        }

        await ExampleImages.PrepareAsync(test.Shared);
        var example = new Example(test, client, directory);
        // Its neighbours, too: contexts of images lie beside it.
        (await Shell.RunAsync("cp", ["-r", $"{ExampleImages.Directory}/.", example._scratch.Path])).Succeeded();
        if (client == Clients.Docker)
        {
            var plugins = System.IO.Path.Combine(test.Daemon.ClientEnvironment["DOCKER_CONFIG"], "cli-plugins");
            System.IO.Directory.CreateDirectory(plugins);
            var plugin = System.IO.Path.Combine(plugins, "docker-compose");
            File.Delete(plugin);
            File.CreateSymbolicLink(plugin, Checkout.Executable(Clients.Sampan));
        }

        return example;
    }

    /// <summary>A command of compose.</summary>
    public Task<Outcome> RunAsync(params string[] arguments)
    {
        var environment = new Dictionary<string, string>(_test.Daemon.ClientEnvironment, StringComparer.Ordinal);
        foreach (var (name, value) in Variables)
        {
            environment[name] = value;
        }

        return ExampleImages.RunAsync(Clients.Path(_client), ["compose", "-p", Name, "-f", System.IO.Path.Combine(Path, "compose.yaml"), .. arguments], environment);
    }

    /// <summary>Where a port of a service is published, as an URL.</summary>
    public async Task<string> UrlAsync(string service, int port) =>
        $"http://127.0.0.1:{(await RunAsync("port", service, port.ToString(System.Globalization.CultureInfo.InvariantCulture))).Succeeded().Split(':')[^1]}/";

    public async ValueTask DisposeAsync()
    {
        await RunAsync("down", "-v", "-t", "0", "--remove-orphans", "--rmi", "local");
        _scratch.Dispose();
    }
}
