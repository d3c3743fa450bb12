using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>create</c>: a container whose program waits for <c>start</c>.</summary>
internal static class CreateCommand
{
    internal static Command Definition => new("create", "<container-id>", "create a container, its program waits for start") { Options = Options, Run = Run };

    /// <summary>What <c>run</c> takes, too.</summary>
    internal static IReadOnlyList<CommandOption> Options =>
    [
        CommandOption.Value("bundle", "directory of config.json (the current one)", "b"),
        CommandOption.Value("console-socket", "unix socket that receives the master of the terminal"),
        CommandOption.Value("pid-file", "file that the process id is written to"),
        CommandOption.Switch("no-pivot", "move the root instead of pivoting, for a root on an initramfs"),
        CommandOption.Switch("no-new-keyring", "keep the caller's session keyring"),
        CommandOption.Value("preserve-fds", "descriptors from 3 on that the program keeps (0)"),
    ];

    internal static CreateOptions Read(CommandArguments arguments) => new()
    {
        Bundle = arguments.Text("bundle") is { Length: > 0 } bundle ? bundle : ".",
        ConsoleSocket = arguments.Text("console-socket") is { Length: > 0 } socket ? socket : null,
        PidFile = arguments.Text("pid-file") is { Length: > 0 } file ? file : null,
        NoNewKeyring = arguments.Has("no-new-keyring"),
        NoPivot = arguments.Has("no-pivot"),
        PreservedDescriptors = arguments.Count("preserve-fds"),
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        ProtectedProgram.Ensure(context.Args);
        context.Runtime.Create(arguments.Words[0], Read(arguments));
        return 0;
    }
}
