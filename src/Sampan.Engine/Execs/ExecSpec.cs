using Sampan.Engine.Containers.Streams;

namespace Sampan.Engine.Execs;

/// <summary>A further process wanted in a running container.</summary>
public sealed record ExecSpec
{
    /// <summary>Program and arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The client writes to standard input.</summary>
    public bool AttachStdin { get; init; }

    /// <summary>The client gets standard output.</summary>
    public bool AttachStdout { get; init; }

    /// <summary>The client gets standard error.</summary>
    public bool AttachStderr { get; init; }

    /// <summary>A pseudo-terminal is the process's standard input, output and error.</summary>
    public bool Tty { get; init; }

    /// <summary>The terminal's first size; null: none given.</summary>
    public TerminalSize? ConsoleSize { get; init; }

    /// <summary>The key sequence that detaches; null: ctrl-p,ctrl-q on a terminal.</summary>
    public string? DetachKeys { get; init; }

    /// <summary><c>NAME=value</c>, added to the container's.</summary>
    public IReadOnlyList<string> Env { get => field ?? []; init; }

    /// <summary><c>user[:group]</c>; null: the container's.</summary>
    public string? User { get; init; }

    /// <summary>The directory to start in; null: the container's.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>Every capability there is.</summary>
    public bool Privileged { get; init; }
}
