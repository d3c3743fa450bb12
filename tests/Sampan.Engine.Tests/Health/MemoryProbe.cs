using System.Buffers.Binary;
using System.Text;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Streams;
using Sampan.Engine.Supervision;

namespace Sampan.Engine.Tests.Health;

/// <summary>A probe's process: it ends when the test says so.</summary>
internal sealed class MemoryProbe : IRunningExec
{
    private readonly TaskCompletionSource<ExitStatus> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public MemoryProbe(string output = "") => Wire = new Wire(Frames(output), () => Task.CompletedTask);

    public int Pid => 4711;

    public Wire? Wire { get; }

    public Task<ExitStatus> Exited => _exited.Task;

    public Task Killed => _killed.Task;

    /// <summary>One that has ended.</summary>
    public static MemoryProbe Ended(int code, string output = "")
    {
        var probe = new MemoryProbe(output);
        probe.End(code);
        return probe;
    }

    public void End(int code) => _exited.TrySetResult(new ExitStatus { ExitCode = code, FinishedAt = DateTimeOffset.UnixEpoch });

    public void Kill()
    {
        _killed.TrySetResult();
        End(137);
    }

    public Task ResizeAsync(TerminalSize size, CancellationToken ct) => Task.CompletedTask;

    private static MemoryStream Frames(string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        var frames = new MemoryStream();
        for (var at = 0; at < bytes.Length; at += 1000)
        {
            var part = bytes.AsSpan(at, Math.Min(1000, bytes.Length - at));
            var head = new byte[8];
            head[0] = 1;
            BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), part.Length);
            frames.Write(head);
            frames.Write(part);
        }

        frames.Position = 0;
        return frames;
    }
}
