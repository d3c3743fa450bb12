using Sampan.Cli.Commands;
using Sampan.Linux.Io;

namespace Sampan.Cli.Output;

/// <summary>Where <c>cp</c> puts a file. It takes its place whole, by a rename: in that of <c>/dev/null</c> as well, which nobody wants.</summary>
internal static class OutputPath
{
    /// <summary>Refuses what is there and neither a file nor a directory, in docker's words. Links are followed.</summary>
    public static void Check(string path)
    {
        if (FileStatus.TryOf(path, out var status) && status.Kind is not (FileKind.Regular or FileKind.Directory))
            throw new CommandException($"invalid output path: \"{path}\" must be a directory or a regular file: got {(IsDevice(status.Kind) ? "a device" : "an irregular file")}");
    }

    /// <summary>True for block and character devices.</summary>
    public static bool IsDevice(FileKind kind) => kind is FileKind.BlockDevice or FileKind.CharacterDevice;
}
