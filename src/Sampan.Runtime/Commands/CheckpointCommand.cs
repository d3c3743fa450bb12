using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>checkpoint</c>: a running container to disk.</summary>
internal static class CheckpointCommand
{
    private static readonly string[] s_unsupported = ["lazy-pages", "page-server", "status-fd"];

    internal static Command Definition => new("checkpoint", "<container-id>", "write a running container to disk")
    {
        Details = "Needs criu. A container with a terminal, or with hooks that ran when it was created, is refused.",
        Options =
        [
            .. Options,
            CommandOption.Value("parent-path", "directory of the images of an earlier pre-dump"),
            CommandOption.Switch("leave-running", "let the container go on"),
            CommandOption.Switch("pre-dump", "write memory only and let the container go on"),
            CommandOption.Switch("lazy-pages", "not supported"),
            CommandOption.Value("page-server", "not supported"),
            CommandOption.Value("status-fd", "not supported"),
        ],
        Run = Run,
    };

    /// <summary>What <c>restore</c> takes, too.</summary>
    internal static IReadOnlyList<CommandOption> Options =>
    [
        CommandOption.Value("image-path", "directory of the images (checkpoint)"),
        CommandOption.Value("work-path", "directory of criu's log and work files (that of the images)"),
        CommandOption.Switch("tcp-established", "allow open tcp connections"),
        CommandOption.Switch("ext-unix-sk", "allow unix sockets to outside"),
        CommandOption.Switch("shell-job", "allow a session that leads outside"),
        CommandOption.Switch("file-locks", "handle file locks"),
        CommandOption.Value("manage-cgroups-mode", "soft, full, strict or ignore (soft)"),
        CommandOption.List("empty-ns", "make a namespace and do not fill it: network"),
        CommandOption.Switch("auto-dedup", "drop memory from the parent's images that is in these"),
    ];

    internal static CheckpointOptions Read(CommandContext context, CommandArguments arguments)
    {
        foreach (var name in s_unsupported)
        {
            if (arguments.Text(name) is not (null or "false"))
                throw new UsageException($"--{name} is not supported");
        }
        foreach (var name in arguments.Texts("empty-ns"))
        {
            if (name != "network")
                throw new UsageException($"namespace {name} is not supported by --empty-ns");
        }
        return new CheckpointOptions
        {
            Criu = context.Criu,
            ImagePath = Path.GetFullPath(arguments.Text("image-path") is { Length: > 0 } images ? images : "checkpoint"),
            WorkPath = arguments.Text("work-path") is { Length: > 0 } work ? Path.GetFullPath(work) : null,
            ParentPath = arguments.Text("parent-path") is { Length: > 0 } parent ? parent : null,
            LeaveRunning = arguments.Has("leave-running"),
            PreDump = arguments.Has("pre-dump"),
            TcpEstablished = arguments.Has("tcp-established"),
            ExternalUnixSockets = arguments.Has("ext-unix-sk"),
            ShellJob = arguments.Has("shell-job"),
            FileLocks = arguments.Has("file-locks"),
            AutoDedup = arguments.Has("auto-dedup"),
            CgroupMode = arguments.Text("manage-cgroups-mode") switch
            {
                null or "" or "soft" => "soft",
                "full" => "full",
                "strict" => "strict",
                "ignore" => "ignore",
                _ => throw new UsageException("Invalid manage cgroups mode"),
            },
            EmptyNamespaces = arguments.Texts("empty-ns"),
        };
    }

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        context.Runtime.Checkpoint(arguments.Words[0], Read(context, arguments));
        return 0;
    }
}
