using System.Text.Json;
using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Commands;

/// <summary><c>update</c>: other limits for a container that runs.</summary>
internal static class UpdateCommand
{
    private const int ResourcesMaxBytes = 1 << 20;

    internal static Command Definition => new("update", "<container-id>", "change the limits of a container")
    {
        Details = "With --resources all other options are ignored; what is not given, or 0, stays as it is.",
        Options =
        [
            CommandOption.Value("resources", "file with linux.resources as JSON, '-' for standard input", "r"),
            CommandOption.Value("blkio-weight", "weight of block I/O, 10 to 1000"),
            CommandOption.Value("cpu-period", "period of the cpu quota in microseconds"),
            CommandOption.Value("cpu-quota", "cpu time per period in microseconds"),
            CommandOption.Value("cpu-burst", "cpu time that may be saved up in microseconds"),
            CommandOption.Value("cpu-share", "cpu shares, relative to others"),
            CommandOption.Value("cpu-rt-period", "period of the realtime quota in microseconds"),
            CommandOption.Value("cpu-rt-runtime", "realtime per period in microseconds"),
            CommandOption.Value("cpuset-cpus", "cpus to use"),
            CommandOption.Value("cpuset-mems", "memory nodes to use"),
            CommandOption.Value("cpu-idle", "1 to run only when nobody else wants to, else 0"),
            CommandOption.Value("memory", "limit of memory in bytes, or with a unit; -1 for none"),
            CommandOption.Value("memory-reservation", "memory that is reclaimed down to when it is short"),
            CommandOption.Value("memory-swap", "limit of memory and swap; -1 for none"),
            CommandOption.Value("kernel-memory", "ignored: kernels have no such limit any more"),
            CommandOption.Value("kernel-memory-tcp", "limit of tcp buffers in bytes, on cgroup v1"),
            CommandOption.Value("pids-limit", "limit of processes; -1 for none"),
            CommandOption.Value("l3-cache-schema", "not supported"),
            CommandOption.Value("mem-bw-schema", "not supported"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Update(arguments.Words[0], arguments.Text("resources") is { } file ? ReadResources(file) : FromOptions(arguments));
        return 0;
    }

    private static Resources ReadResources(string path)
    {
        using var file = path == "-" ? new SafeFd(0, ownsHandle: false) : HostFile.Open(path, OpenFlags.ReadOnly);
        try
        {
            return SpecDocument.ReadResources(HostFile.Read(file, ResourcesMaxBytes)) ?? throw new RuntimeException("resources", $"'{path}' is empty");
        }
        catch (JsonException failure)
        {
            throw new RuntimeException("resources", $"'{path}' is no linux.resources of the specification: {failure.Message}", failure);
        }
    }

    /// <summary>The options as the specification says it.</summary>
    internal static Resources FromOptions(CommandArguments arguments)
    {
        foreach (var name in (string[])["l3-cache-schema", "mem-bw-schema"])
        {
            if (arguments.Text(name) is { Length: > 0 })
                throw new UsageException($"--{name} is not supported: there is no Intel RDT here");
        }
        return new Resources
        {
            BlockIo = arguments.Number("blkio-weight") is { } weight ? new BlockIoLimits { Weight = checked((ushort)Within(weight, 0, 1000, "blkio-weight")) } : null,
            Memory = new MemoryLimits
            {
                Limit = Bytes(arguments, "memory"),
                Reservation = Bytes(arguments, "memory-reservation"),
                Swap = Bytes(arguments, "memory-swap"),
                Kernel = Bytes(arguments, "kernel-memory"),
                KernelTcp = Bytes(arguments, "kernel-memory-tcp"),
            },
            Cpu = new CpuLimits
            {
                Period = Positive(arguments, "cpu-period"),
                Quota = arguments.Number("cpu-quota"),
                Burst = Positive(arguments, "cpu-burst"),
                Shares = Positive(arguments, "cpu-share"),
                RealtimePeriod = Positive(arguments, "cpu-rt-period"),
                RealtimeRuntime = arguments.Number("cpu-rt-runtime"),
                Cpus = arguments.Text("cpuset-cpus"),
                Mems = arguments.Text("cpuset-mems"),
                Idle = arguments.Number("cpu-idle") is { } idle ? Within(idle, 0, 1, "cpu-idle") : null,
            },
            Pids = arguments.Number("pids-limit") is { } pids ? new PidsLimit { Limit = pids } : null,
        };
    }

    private static long? Bytes(CommandArguments arguments, string name) => arguments.Text(name) is not { } text ? null
        : ByteCount.TryParse(text, out var bytes) ? bytes : throw new UsageException($"invalid value for {name}: '{text}' is no number of bytes");

    private static ulong? Positive(CommandArguments arguments, string name) => arguments.Number(name) is { } number ? (ulong)Within(number, 0, long.MaxValue, name) : null;

    private static long Within(long value, long least, long most, string name) =>
        value >= least && value <= most ? value : throw new UsageException($"invalid value \"{value}\" for flag -{name}: it is not within {least} and {most}");
}
