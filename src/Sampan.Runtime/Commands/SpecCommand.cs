using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;
using Sampan.Oci.Runtime;
using Sampan.Runtime.Bundles;

namespace Sampan.Runtime.Commands;

/// <summary><c>spec</c>: a configuration to begin with.</summary>
internal static class SpecCommand
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    internal static Command Definition => new("spec", "", "write a config.json to begin with")
    {
        Least = 0,
        Most = 0,
        Details = "The program is sh, on the root filesystem in 'rootfs' beside the file.",
        Options =
        [
            CommandOption.Value("bundle", "directory that gets the file (the current one)", "b"),
            CommandOption.Switch("rootless", "for a user without privilege: a user namespace, no limits, the host's network"),
        ],
        Run = Run,
    };

    private static int Run(CommandContext context, CommandArguments arguments)
    {
        var path = Path.GetFullPath(Bundle.ConfigName, Path.GetFullPath(arguments.Text("bundle") is { Length: > 0 } directory ? directory : "."));
        if (File.Exists(path))
            throw new RuntimeException("spec", $"File {path} exists. Remove it first");
        var spec = arguments.Has("rootless") ? DefaultSpec.Rootless(CurrentProcess.ReadUid(), CurrentProcess.ReadGid()) : DefaultSpec.Privileged();
        AtomicFile.Write(path, Encoding.UTF8.GetBytes(IndentedJson.Format(SpecDocument.Write(spec), indent: 0, dropsEmpty: true) + "\n"), Mode, durable: false);
        return 0;
    }
}
