using System.Globalization;
using System.Text;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Commands;

/// <summary><c>ps</c>: the processes of a container; as a table those lines of the host's <c>ps</c> that belong to it.</summary>
internal static class PsCommand
{
    private const int OutputMaxBytes = 64 << 20;

    internal static Command Definition => new("ps", "<container-id> [ps options]", "list the processes of a container")
    {
        Most = null,
        EndsOptionsAtArgument = true,
        Options = [CommandOption.Value("format", "table or json (table)", "f")],
        Details = "A table is what the host's ps prints for the processes of the container; its options\ncome after the id (-ef).",
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var pids = context.Runtime.Pids(arguments.Words[0]);
        switch (arguments.Text("format"))
        {
            case "json":
                StandardStreams.WriteOutput($"[{string.Join(',', pids)}]\n");
                return 0;
            case null or "table":
                string[] options = arguments.Words.Count > 1 ? [.. arguments.Words.Skip(1)] : ["-ef"];
                StandardStreams.WriteOutput(Select(ReadHostProcesses(options), pids.ToHashSet()));
                return 0;
            default:
                throw new UsageException("invalid format option");
        }
    }

    /// <summary>The heading, and the lines whose PID column names one of the processes.</summary>
    internal static string Select(string table, IReadOnlySet<int> pids)
    {
        var lines = table.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var column = lines.Length == 0 ? -1 : Array.IndexOf(lines[0].Split(' ', StringSplitOptions.RemoveEmptyEntries), "PID");
        if (column < 0)
            throw new RuntimeException("ps", "couldn't find PID field in ps output");
        var text = new StringBuilder().Append(lines[0]).Append('\n');
        foreach (var line in lines.Skip(1))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length > column && int.TryParse(fields[column], CultureInfo.InvariantCulture, out var pid) && pids.Contains(pid))
                text.Append(line).Append('\n');
        }
        return text.ToString();
    }

    private static string ReadHostProcesses(string[] options)
    {
        var (reader, writer) = ByteChannel.Pipe();
        using (reader)
        {
            int pid;
            using (writer)
            using (var stderr = new SafeFd(2, ownsHandle: false))
                pid = ProgramSearch.Spawn(["ps", .. options], new SpawnOptions { Stdout = writer, Stderr = stderr });
            using var process = PidFd.Open(pid);
            var output = HostFile.Read(reader, OutputMaxBytes);
            if (process.Reap() is not { ExitCode: 0 } exit)
                return "";
            return Encoding.UTF8.GetString(output);
        }
    }
}
