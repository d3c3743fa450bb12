using System.Diagnostics;

namespace Sampan.EndToEnd.Harness;

/// <summary>A project of a test: a directory with a compose file, and a name that no other has. What it made on the engine goes with it.</summary>
internal sealed class Application : IAsyncDisposable
{
    private static int s_count;
    private readonly EngineTest _test;
    private readonly Scratch _scratch = new();

    public Application(EngineTest test, string yaml)
    {
        _test = test;
        Name = $"compose-e2e-{Environment.ProcessId}-{Interlocked.Increment(ref s_count)}";
        System.IO.File.WriteAllText(File, yaml);
    }

    public string Name { get; }

    public string Directory => _scratch.Path;

    public string File => Path.Combine(_scratch.Path, "compose.yaml");

    public Task WriteAsync(string yaml) => System.IO.File.WriteAllTextAsync(File, yaml);

    /// <summary>Writes a file of the project, and the directories above it.</summary>
    public async Task WriteAsync(string path, string content)
    {
        string full = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full) ?? Directory);
        await System.IO.File.WriteAllTextAsync(full, content);
    }

    public Task<Outcome> RunAsync(params string[] arguments) => _test.RunAsync(Clients.Sampan, ["compose", "-p", Name, "-f", File, .. arguments]);

    /// <summary>Starts a command and leaves it running.</summary>
    public Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) =>
        Shell.Start(Checkout.Executable("sampan"), ["-H", _test.Daemon.Host, "compose", "-p", Name, "-f", File, .. arguments], environment);

    /// <summary>The containers' ids by service, those of several with their number.</summary>
    public async Task<Dictionary<string, string>> IdsAsync() =>
        (await RunAsync("ps", "-a", "--no-trunc", "--format", "{{.Name}} {{.ID}}")).Lines.Select(l => l.Split(' ')).ToDictionary(l => l[0][(Name.Length + 1)..].Replace("-1", "", StringComparison.Ordinal), l => l[1], StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        await RunAsync("--profile", "*", "down", "-v", "-t", "0", "--remove-orphans");
        _scratch.Dispose();
    }
}
