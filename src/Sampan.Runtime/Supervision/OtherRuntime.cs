using System.Globalization;
using System.Text;
using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Documents;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// Another OCI runtime that makes the container in this one's place, by runc's commands <c>create</c>, <c>start</c> and <c>delete</c>. All else stays
/// the supervisor's: its streams and log, its end (init is its child, since it is the nearest sub-reaper), signals, freezing and limits through the
/// control group, and further processes, which join the namespaces.
/// </summary>
internal sealed class OtherRuntime(OtherRuntimeChoice choice, string id, string directory)
{
    private const string ConsoleName = "console.sock";
    private const int MaxLogBytes = 1 << 20;
    private const int NotFound = 127;
    private const int NotExecutable = 126;

    private static readonly Dictionary<string, string> s_environment = new(StringComparer.Ordinal) { ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

    private string LogPath => $"{directory}/runtime.log";

    private string PidPath => $"{directory}/init.pid";

    /// <summary>What a specification asks for that only this runtime does; null: nothing.</summary>
    internal static string? Extension(RuntimeSpec spec)
    {
        if (RuntimeAnnotations.WantsInit(spec.Annotations))
            return "an init process (--init)";
        var mount = spec.Mounts.FirstOrDefault(mount => mount.Options.Any(option => option == "copyup" || option.StartsWith("x-sampan.", StringComparison.Ordinal)));
        return mount is null ? null : $"the options of the mount on '{mount.Destination}' ({string.Join(',', mount.Options)})";
    }

    /// <summary>Makes the container from the bundle in the directory.</summary>
    /// <param name="streams">The ends of its pipes; null: it has a terminal.</param>
    /// <param name="takeConsole">Gets the terminal's master, if it has one.</param>
    /// <returns>Its init, which waits for the start.</returns>
    /// <exception cref="RuntimeException">The other runtime refused; its words.</exception>
    internal PidFd Create(IReadOnlyList<SafeFd?>? streams, Action<SafeFd> takeConsole)
    {
        // By its name alone, in its working directory: runc takes no path of more than 107 bytes.
        using var console = streams is null ? MessageListener.Listen(directory, ConsoleName, messages: false) : null;
        Run("create", streams, ["--bundle", directory, "--pid-file", PidPath, .. console is null ? Array.Empty<string>() : ["--console-socket", ConsoleName], id]);
        if (console is not null)
        {
            using var sender = console.Accept();
            Span<byte> name = stackalloc byte[4096];
            _ = sender.Receive(name, out var master);
            takeConsole(master ?? throw Failure("create", "it sent no terminal"));
            HostFile.Remove($"{directory}/{ConsoleName}");
        }

        var text = Encoding.ASCII.GetString(HostFile.ReadRegular(PidPath, 64));
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? PidFd.Open(pid) : throw Failure("create", $"its process id is '{text}'");
    }

    /// <summary>Lets init run the program.</summary>
    /// <exception cref="RuntimeException">The other runtime refused.</exception>
    internal void Start() => Run("start", null, [id]);

    /// <summary>Has it forget the container and take away what it made for it.</summary>
    /// <exception cref="RuntimeException">The other runtime refused.</exception>
    internal void Delete() => Run("delete", null, ["--force", id]);

    private void Run(string command, IReadOnlyList<SafeFd?>? streams, IReadOnlyList<string> arguments)
    {
        int pid;
        try
        {
            pid = ProcessSpawner.Spawn(
                choice.Path,
                [choice.Path, .. choice.Arguments, "--root", $"{directory}/runtime", "--log", LogPath, "--log-format", "json", command, .. arguments],
                s_environment,
                new SpawnOptions { Stdin = streams?[0], Stdout = streams?[1], Stderr = streams?[2], WorkingDirectory = directory });
        }
        catch (LinuxException missing)
        {
            throw new RuntimeException("runtime", $"runtime '{choice.Path}' cannot be run: {missing.Errno.Describe()}", missing);
        }

        using var process = PidFd.Open(pid);
        _ = process.WaitEnded(Timeout.InfiniteTimeSpan);
        if (process.Reap() is not { ExitCode: 0, Signaled: false } exit)
            throw Failure(command, LastError() ?? "it does not say why");
    }

    private RuntimeException Failure(string command, string why)
    {
        var message = $"OCI runtime {command} failed: {Path.GetFileName(choice.Path)}: {why}";
        // Shells and docker's client tell by the code whether a program is missing or may not be run.
        if (why.Contains("executable file not found", StringComparison.Ordinal) || why.Contains("no such file or directory", StringComparison.OrdinalIgnoreCase))
            return new StartFailedException("runtime", message, NotFound);
        return why.Contains("permission denied", StringComparison.OrdinalIgnoreCase) ? new StartFailedException("runtime", message, NotExecutable) : new RuntimeException("runtime", message);
    }

    // One JSON object per line: {"level":"error","msg":"…"}.
    private string? LastError()
    {
        try
        {
            var lines = Encoding.UTF8.GetString(HostFile.ReadRegular(LogPath, MaxLogBytes)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return lines.Length == 0 ? null : Message(lines[^1]);
        }
        catch (LinuxException)
        {
            return null; // it wrote none
        }
    }

    private static string Message(string line)
    {
        try
        {
            return DocumentTable.Parse(Encoding.UTF8.GetBytes(line)).Object(static entry => entry["msg"u8].Text()) is { Length: > 0 } message ? message : line;
        }
        catch (JsonException)
        {
            return line;
        }
    }
}
