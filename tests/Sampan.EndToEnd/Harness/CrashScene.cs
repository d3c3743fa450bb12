using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>A daemon that can be told where to die, a container beside it that somebody asks for pages all the time, and what operations may need: archives, a registry, plugins.</summary>
internal sealed class CrashScene : IAsyncDisposable
{
    private readonly Scratch _scratch;
    private readonly string _armed;
    private OwnRegistry? _registry;
    private Visitor? _visitor;
    private Census? _nothing;

    private CrashScene(Scratch scratch, Daemon daemon)
    {
        (_scratch, Daemon) = (scratch, daemon);
        _armed = ArmedOf(scratch);
    }

    public Daemon Daemon { get; }

    /// <summary>What there is without the operation.</summary>
    public IReadOnlyList<string> Empty { get; private set; } = [];

    /// <summary>Sets it.</summary>
    /// <param name="commands">What will be done: words in capitals say what it needs.</param>
    public static async Task<CrashScene> SetAsync(IReadOnlyCollection<string> commands)
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        var scratch = new Scratch();
        var daemon = await Daemon.StartWithAsync(new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMPAN_FAIL_POINT_FILE"] = ArmedOf(scratch) });
        var scene = new CrashScene(scratch, daemon);
        try
        {
            await scene.FurnishAsync(commands);
            return scene;
        }
        catch
        {
            await scene.DisposeAsync();
            throw;
        }
    }

    /// <summary>What there is now is what there is without the operation.</summary>
    public async Task RememberAsync()
    {
        Empty = await InventoryAsync(null);
        _nothing = await Census.TakeAsync(Daemon);
    }

    public Task<Outcome> RunAsync(string command) => Daemon.SampanAsync(
        command.Replace("ARCHIVE", Archive, StringComparison.Ordinal).Replace("PLUGIN", Plugin, StringComparison.Ordinal).Replace("REGISTRY", _registry?.Host, StringComparison.Ordinal).Split(' ').Select(word => word.Replace('\u00a0', ' ')).ToArray());

    public async Task RunAllAsync(IEnumerable<string> commands)
    {
        foreach (var command in commands)
        {
            (await RunAsync(command)).Succeeded();
        }
    }

    /// <summary>What there is, and what a command says of it that has one.</summary>
    public async Task<IReadOnlyList<string>> InventoryAsync(string? look)
    {
        var all = await Inventory.TakeAsync(Daemon);
        return look is null || await RunAsync(look) is not { ExitCode: 0 } said ? all : [.. all, .. said.Lines];
    }

    /// <summary>The daemon dies when it comes to this place.</summary>
    public Task ArmAsync(string place) => File.WriteAllTextAsync(_armed, place);

    public void Disarm() => File.Delete(_armed);

    /// <summary>From now on the daemon writes down where it comes to.</summary>
    public Task TraceAsync() => File.WriteAllTextAsync(_armed + ".reached", "");

    /// <summary>Where it came to since.</summary>
    public async Task<IReadOnlyList<string>> TracedAsync()
    {
        var places = await File.ReadAllLinesAsync(_armed + ".reached");
        File.Delete(_armed + ".reached");
        return [.. places.Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Whatever happened, what is there is whole, and the visitor noticed nothing.</summary>
    public async Task IsWholeAsync(string when)
    {
        (await Daemon.SampanAsync("system", "check")).Succeeded(when);
        await _visitor!.WasServedThroughoutAsync(when);
    }

    /// <summary>Nothing is left of an operation that was cleaned up after.</summary>
    public async Task KeepsNothingAsync(string when)
    {
        (await InventoryAsync(null)).ShouldBe(Empty, when);
        await Census.ReturnsToAsync(Daemon, _nothing!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_visitor is not null)
        {
            await _visitor.DisposeAsync();
        }

        await Daemon.DisposeAsync();
        if (_registry is not null)
        {
            await _registry.DisposeAsync();
        }

        _scratch.Dispose();
    }

    private string Archive => Path.Combine(_scratch.Path, "other.tar");

    private string Plugin => Path.Combine(_scratch.Path, "plugin");

    private static string ArmedOf(Scratch scratch) => Path.Combine(scratch.Path, "fail-point");

    private async Task FurnishAsync(IReadOnlyCollection<string> commands)
    {
        _registry = Needs("REGISTRY") ? await OwnRegistry.StartAsync("--root", Path.Combine(_scratch.Path, "registry")) : null;
        await Daemon.LoadAsync("busybox");
        if (Needs("ARCHIVE") || Needs("/other:"))
        {
            await MakeOthersAsync();
        }

        if (Needs("PLUGIN") || Needs("/p:"))
        {
            await MakePluginsAsync();
        }

        _visitor = await Visitor.StartAsync(Daemon);
        await Daemon.StopAsync();
        await Daemon.StartAgainAsync();
        await RememberAsync();

        bool Needs(string word) => commands.Any(command => command.Contains(word, StringComparison.Ordinal));
    }

    // Images with a layer of their own, the second with one more: as an archive, and in a registry; not in the engine.
    private async Task MakeOthersAsync()
    {
        await RunAllAsync(["run --name maker busybox touch /other", "commit maker other:1", "rm maker", "save -o ARCHIVE other:1"]);
        if (_registry is not null)
        {
            await RunAllAsync(
            [
                "tag other:1 REGISTRY/other:1", "push -q REGISTRY/other:1", "run --name maker other:1 touch /more", "commit maker REGISTRY/other:2", "rm maker", "push -q REGISTRY/other:2", "rmi REGISTRY/other:1 REGISTRY/other:2",
            ]);
        }

        await RunAllAsync(["rmi other:1"]);
    }

    private async Task MakePluginsAsync()
    {
        ManagedPlugin.Make(Plugin);
        foreach (var version in _registry is null ? [] : (string[])["1", "2"])
        {
            ManagedPlugin.Make(Plugin, config => config["description"] = JsonValue.Create($"version {version}"));
            await RunAllAsync([$"plugin create REGISTRY/p:{version} PLUGIN", $"plugin push REGISTRY/p:{version}", $"plugin rm REGISTRY/p:{version}"]);
        }
    }
}
