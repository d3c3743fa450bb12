using System.Formats.Tar;
using System.IO.Pipelines;
using Sampan.Cli.Commands;
using Sampan.Linux;
using Sampan.Linux.Files;

namespace Sampan.Cli.Copying;

/// <summary>
/// Files of this machine as a tar and back. What a container sends is hostile until proven otherwise: it is unpacked on open directories beneath
/// the target, links it made itself are followed only inside (openat2, RESOLVE_IN_ROOT), so that nothing outside is written.
/// </summary>
internal static class LocalTree
{
    private const UnixFileMode DirectoryMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>The path itself, or what it leads to.</summary>
    public static string Resolve(string path, bool follow)
    {
        string full = Path.GetFullPath(path).TrimEnd('/');
        if (full.Length == 0) return "/";
        var file = new FileInfo(full);
        if (follow && file.LinkTarget is not null) return file.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? full;
        return file.Exists || file.LinkTarget is not null || Directory.Exists(full) ? full : throw new CommandException($"lstat {full}: no such file or directory");
    }

    public static bool IsDirectory(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    /// <summary>Sends a file or a directory with all that is in it as a tar; the topmost entry is called <paramref name="name"/>.</summary>
    /// <returns>The tar's size.</returns>
    public static async Task<long> SendAsync(string path, string name, Func<Stream, Task> send, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        long bytes = 0;
        var writing = Task.Run(
            async () =>
            {
                try
                {
                    var counted = pipe.Writer.AsStream(leaveOpen: true);
                    await using (counted.ConfigureAwait(false))
                    {
                        var tar = new TarWriter(counted, TarEntryFormat.Pax, leaveOpen: true);
                        await using (tar.ConfigureAwait(false)) bytes = await new LocalTar(tar, cancellationToken).WriteAsync(path, name).ConfigureAwait(false);
                    }
                    await pipe.Writer.CompleteAsync().ConfigureAwait(false);
                }
                catch (Exception e)
                {
                    await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
                }
            },
            CancellationToken.None);
        try
        {
            await send(pipe.Reader.AsStream()).ConfigureAwait(false);
        }
        finally
        {
            await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            await writing.ConfigureAwait(false);
        }
        return bytes;
    }

    /// <summary>Unpacks a tar beneath a directory.</summary>
    /// <param name="archive">The tar, plain.</param>
    /// <param name="directory">An existing directory.</param>
    /// <param name="name">What the topmost entry is called from now on; null: what is in it goes into the directory itself.</param>
    /// <param name="keepOwners">Give the files the owners that the archive says.</param>
    /// <returns>Bytes of the files' contents.</returns>
    public static long Extract(Stream archive, string directory, string? name, bool keepOwners)
    {
        using var root = DirectoryHandle.Open(directory);
        return Extract(archive, new LocalExtraction(root, name, keepOwners));
    }

    /// <summary>Unpacks a tar that has no one topmost entry, under the names that it says; the files are the caller's.</summary>
    /// <param name="archive">The tar, plain.</param>
    /// <param name="directory">An existing directory.</param>
    public static void ExtractAll(Stream archive, string directory)
    {
        using var root = DirectoryHandle.Open(directory);
        Extract(archive, new LocalExtraction(root, null, keepOwners: false, isWhole: true));
    }

    private static long Extract(Stream archive, LocalExtraction extraction)
    {
        using var tar = new TarReader(archive);
        while (tar.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is TarEntryType.GlobalExtendedAttributes) continue;
            extraction.Add(entry);
        }
        extraction.Finish();
        return extraction.Bytes;
    }

    internal static DirectoryHandle Parent(DirectoryHandle root, IReadOnlyList<string> names)
    {
        byte[] path = System.Text.Encoding.UTF8.GetBytes(string.Join('/', names));
        if (root.TryResolve(path, out var errno) is { } found) return found;
        if (errno != Errno.ENOENT || names.Count == 0) throw new LinuxException("open directory", errno, string.Join('/', names));
        using var above = Parent(root, [.. names.Take(names.Count - 1)]);
        byte[] last = System.Text.Encoding.UTF8.GetBytes(names[^1]);
        above.CreateDirectory(last, DirectoryMode);
        return above.OpenDirectory(last);
    }
}
