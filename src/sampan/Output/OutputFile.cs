using Sampan.Cli.Commands;
using Sampan.Linux.Io;

namespace Sampan.Cli.Output;

/// <summary>A file that somebody named for what a command gives.</summary>
internal static class OutputFile
{
    /// <summary>Writes it: a file appears under its name only when it is complete; to a device or a pipe is written, it is not replaced.</summary>
    /// <param name="file">The name that was given.</param>
    /// <param name="fill">Writes what is to be in it.</param>
    internal static async Task WriteAsync(string file, Func<Stream, Task> fill)
    {
        if (FileStatus.TryOf(file, out var there) && there.Kind is not (FileKind.Regular or FileKind.Directory))
        {
            var open = new FileStream(file, FileMode.Open, FileAccess.Write);
            await using (open.ConfigureAwait(false)) await fill(open).ConfigureAwait(false);
            return;
        }
        if (Directory.Exists(file)) throw new CommandException($"invalid output path: '{file}' is a directory");
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } parent && !Directory.Exists(parent)) throw new CommandException($"invalid output path: directory '{parent}' does not exist");
        string unfinished = file + ".tmp-" + Guid.NewGuid().ToString("n")[..8];
        try
        {
            var target = new FileStream(unfinished, FileMode.CreateNew, FileAccess.Write);
            await using (target.ConfigureAwait(false)) await fill(target).ConfigureAwait(false);
            File.Move(unfinished, file, overwrite: true);
        }
        catch
        {
            File.Delete(unfinished);
            throw;
        }
    }
}
