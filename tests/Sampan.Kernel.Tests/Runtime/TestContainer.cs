using System.Text.Json;
using Sampan.Oci.Runtime;
using Sampan.Runtime;

namespace Sampan.Kernel.Tests.Runtime;

/// <summary>A container with busybox as its image, on an overlay, with a state directory of its own; removed with everything at the end.</summary>
internal sealed class TestContainer : IAsyncDisposable
{
    private static readonly string[] s_applets =
        ["sh", "ls", "cat", "id", "ps", "mount", "hostname", "true", "false", "sleep", "echo", "env", "pwd", "head", "readlink", "kill", "grep", "wc", "dd", "stat", "touch", "mkdir", "tty", "stty", "printf", "seq", "test", "umask", "yes", "rm", "ln", "chmod", "ulimit"];

    private static int s_last;
    private readonly string _runtime = RuntimeProgram.Require();

    internal TestContainer(Func<RuntimeSpec, RuntimeSpec>? change = null, params string[] args)
    {
        Id = $"rt{Environment.ProcessId}-{Interlocked.Increment(ref s_last)}";
        Base = Directory.CreateTempSubdirectory("sampan-runtime-").FullName;
        State = Base + "/state";
        foreach (var directory in new[] { "state", "image/bin", "image/etc", "image/tmp", "image/root", "upper", "work" })
            Directory.CreateDirectory(Base + "/" + directory);
        Busybox.CopyTo(Base + "/image/bin/busybox");
        foreach (var applet in s_applets)
            File.CreateSymbolicLink($"{Base}/image/bin/{applet}", "busybox");
        Spec = TestSpec.For(Id, args);
        if (change is not null)
            Spec = change(Spec);
        Launch = new SupervisorLaunch
        {
            Id = Id,
            StateDirectory = State,
            RootfsMounts = [new Mount { Destination = "/", Type = "overlay", Source = "overlay", Options = [$"lowerdir={Base}/image", $"upperdir={Base}/upper", $"workdir={Base}/work"] }],
            LogPath = Base + "/log.json",
        };
    }

    internal string Id { get; }

    /// <summary>Directory of everything: image, upper, work, state.</summary>
    internal string Base { get; }

    internal string State { get; }

    internal string Image => Base + "/image";

    internal RuntimeSpec Spec { get; private set; }

    internal SupervisorLaunch Launch { get; set; }

    internal SupervisorClient? Client { get; private set; }

    internal async Task<SupervisorClient> CreateAsync(CancellationToken? ct = null)
    {
        File.WriteAllBytes(State + "/config.json", JsonSerializer.SerializeToUtf8Bytes(Spec, OciRuntimeJson.Default.RuntimeSpec));
        return Client = await SupervisorClient.LaunchAsync(_runtime, Launch, ct ?? TestContext.Current.CancellationToken);
    }

    /// <summary>Changes the source of a mount.</summary>
    internal void ReplaceSource(string from, string to) =>
        Spec = Spec with { Mounts = [.. Spec.Mounts.Select(mount => mount.Source == from ? mount with { Source = to } : mount)] };

    /// <summary>Creates, starts, waits for the end; the output of the log.</summary>
    internal async Task<(ExitRecord Exit, string Output)> RunAsync()
    {
        var client = await CreateAsync();
        await client.StartAsync(TestContext.Current.CancellationToken);
        var exit = await client.Exited;
        return (exit, ReadLog());
    }

    /// <summary>The text of the log, both streams in order.</summary>
    internal string ReadLog(string? stream = null)
    {
        var text = new System.Text.StringBuilder();
        foreach (var line in File.ReadLines(Base + "/log.json"))
        {
            using var entry = JsonDocument.Parse(line);
            if (stream is null || entry.RootElement.GetProperty("stream").GetString() == stream)
                text.Append(entry.RootElement.GetProperty("log").GetString());
        }
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (Client is { } client)
        {
            if (!client.Exited.IsCompleted)
            {
                try
                {
                    await client.SignalAsync(9, all: true, CancellationToken.None);
                }
                catch (RuntimeException)
                {
                    // ended meanwhile
                }
                await client.Exited;
            }
            await client.DisposeAsync();
        }
        Directory.Delete(Base, recursive: true);
    }
}
