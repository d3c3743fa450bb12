using System.Text;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Logs;

namespace Sampan.Engine.Tests.Kernel;

/// <summary>A real engine on a throw-away root with a bridge of its own.</summary>
internal sealed class RealHarbour : IAsyncDisposable
{
    private static int _next;
    private readonly int _number = Interlocked.Increment(ref _next);

    public string Root { get; } = Directory.CreateTempSubdirectory("sampan-real-").FullName;

    public ContainerEngine Engine { get; private set; } = null!;

    public ContainerOperations Containers => Engine.Containers;

    public List<string> Notices { get; } = [];

    public string Last { get; private set; } = "";

    public string CgroupRoot => "/sampan-" + Bridge;

    private string Bridge => $"set{Environment.ProcessId % 10000}x{_number}";

    /// <summary>What the machine lacks; null: nothing.</summary>
    public static string? Missing()
    {
        if (!Environment.IsPrivilegedProcess)
            return "needs root";
        if (Runtime() is null)
            return "needs out/sampan-runtime (make) or SAMPAN_RUNTIME";
        return Archive() is null ? "needs artifacts/images/busybox.tar (scripts/images busybox)" : null;
    }

    public static async Task<RealHarbour> OpenAsync()
    {
        var harbour = new RealHarbour();
        await harbour.ReopenAsync();
        await using var archive = File.OpenRead(Archive() ?? throw new InvalidOperationException("no archive"));
        await harbour.Engine.Images.LoadAsync(archive, [], null, CancellationToken.None);
        return harbour;
    }

    /// <summary>The parent of the control groups from the next opening on; null: <see cref="CgroupRoot"/>.</summary>
    public string? CgroupParent { get; set; }

    public async Task ReopenAsync() => Engine = await ContainerEngine.OpenAsync(
        new EngineOptions
        {
            DataRoot = Path.Combine(Root, "data"),
            ExecRoot = Path.Combine(Root, "run"),
            Bridge = Bridge,
            BridgeAddress = $"10.{200 + _number % 50}.{Environment.ProcessId % 250}.1/24",
            RuntimePath = Runtime() ?? throw new InvalidOperationException("no runtime"),
            CgroupParent = CgroupParent,
        },
        TimeProvider.System,
        notice =>
        {
            lock (Notices)
                Notices.Add(notice.Message);
        },
        CancellationToken.None);

    /// <summary>Stops watching, as the death of the daemon does; containers are not told.</summary>
    public Task CrashAsync() => Engine.DisposeAsync().AsTask();

    public async Task<string> CreateAsync(ContainerSpec spec) => Last = (await Containers.CreateAsync(spec, null, CancellationToken.None)).Id;

    public async Task<string> StartAsync(string script)
    {
        var id = await CreateAsync(new ContainerSpec { Image = "busybox", Command = ["sh", "-c", script] });
        await Containers.StartAsync(id, CancellationToken.None);
        return id;
    }

    /// <summary>Runs to the end with an attachment made before the start.</summary>
    public async Task<(ExitStatus Status, string Output)> RunAsync(string script)
    {
        var id = await CreateAsync(new ContainerSpec { Image = "busybox", Command = ["sh", "-c", script] });
        var output = new MemoryStream();
        await using var stream = Containers.Attach(id, new AttachOptions { Stdout = true, Stderr = true, Stream = true });
        var pump = stream.PumpAsync(null, output, CancellationToken.None);
        var exit = Containers.WaitAsync(id, WaitCondition.NextExit, CancellationToken.None);
        await Containers.StartAsync(id, CancellationToken.None);
        var status = await exit;
        await pump;
        return (status, Encoding.UTF8.GetString(output.ToArray()));
    }

    public async Task<List<string>> LogAsync(string id)
    {
        var lines = new List<string>();
        await foreach (var entry in Containers.LogsAsync(id, new LogOptions(), CancellationToken.None))
            lines.Add(Encoding.UTF8.GetString(entry.Text.Span));
        return lines;
    }

    public async Task LogHasAsync(string id, string text)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await foreach (var entry in Containers.LogsAsync(id, new LogOptions { Follow = true }, patience.Token))
        {
            if (Encoding.UTF8.GetString(entry.Text.Span).Contains(text))
                return;
        }

        throw new InvalidOperationException($"the log never had '{text}'");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var container in Containers.List())
            await Containers.RemoveAsync(container.Id, new RemoveOptions { Force = true, Volumes = true }, CancellationToken.None);
        await Engine.DisposeAsync();
        Directory.Delete(Root, recursive: true);
    }

    private static string? Runtime() =>
        Environment.GetEnvironmentVariable("SAMPAN_RUNTIME") is { Length: > 0 } given ? given : Existing("out/sampan-runtime");

    private static string? Archive() => Existing("artifacts/images/busybox.tar");

    private static string? Existing(string relative)
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "Sampan.slnx")))
                return File.Exists(Path.Combine(directory.FullName, relative)) ? Path.Combine(directory.FullName, relative) : null;
        }

        return null;
    }
}
