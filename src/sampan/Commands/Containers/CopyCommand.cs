using Sampan.Cli.Arguments;
using Sampan.Cli.Copying;
using Sampan.Cli.Output;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;

namespace Sampan.Cli.Commands.Containers;

/// <summary>cp: files between a container and this machine, by the rules of cp -a.</summary>
internal static class CopyCommand
{
    private const long GoDirectory = 1L << 31;
    private const long GoSymbolicLink = 1L << 27;

    private static readonly Option<bool> s_archive = Option.Flag("archive", 'a', "Archive mode (copy all uid/gid information)");
    private static readonly Option<bool> s_follow = Option.Flag("follow-link", 'L', "Always follow symbolic links in SRC_PATH");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Don't say what was copied; so it is when output is no terminal");

    public static Command Command { get; } = new()
    {
        Name = "cp",
        Summary = "Copy files/folders between a container and the local filesystem",
        Details = "Use '-' as the source to read a tar archive from stdin and extract it to a directory in a container,\nor as the destination to stream a tar archive of a container's files to stdout.",
        Aliases = ["container cp", "cp"],
        Arguments = "CONTAINER:SRC_PATH DEST_PATH|- | SRC_PATH|- CONTAINER:DEST_PATH",
        MinWords = 2,
        MaxWords = 2,
        Options = [s_archive, s_follow, s_quiet],
        Completes = Candidates.Containers,
        Run = RunAsync,
    };

    private static Task<int> RunAsync(Invocation call)
    {
        var (fromContainer, from) = Split(call.Words[0]);
        var (toContainer, to) = Split(call.Words[1]);
        if (from.Length == 0) throw new CommandException("source can not be empty");
        if (to.Length == 0) throw new CommandException("destination can not be empty");
        return (fromContainer, toContainer) switch
        {
            (not null, not null) => throw new CommandException("copying between containers is not supported"),
            (null, null) => throw new CommandException("must specify at least one container source"),
            (not null, null) => OutAsync(call, fromContainer, from, to),
            (null, not null) => InAsync(call, from, toContainer, to),
        };
    }

    /// <summary>CONTAINER:PATH, or a path of this machine: what begins with a slash or a dot, or has no colon.</summary>
    private static (string? Container, string Path) Split(string word)
    {
        if (word.StartsWith('/') || word.StartsWith('.')) return (null, word);
        int colon = word.IndexOf(':');
        return colon <= 0 ? (null, word) : (word[..colon], word[(colon + 1)..]);
    }

    private static async Task<int> OutAsync(Invocation call, string container, string from, string to)
    {
        from = Rooted(from);
        string name = LastName(from);
        if (call.Get(s_follow))
        {
            var stat = await call.Client.StatContainerPathAsync(container, from, call.Cancelled).ConfigureAwait(false);
            // The copy keeps the link's name.
            if (IsLink(stat)) from = Rooted(stat.LinkTarget);
        }
        var (found, archive) = await call.Client.GetContainerArchiveAsync(container, from, call.Cancelled).ConfigureAwait(false);
        await using (archive.ConfigureAwait(false))
        {
            if (to == "-")
            {
                await archive.CopyToAsync(call.Io.OutStream, call.Cancelled).ConfigureAwait(false);
                return 0;
            }
            var (directory, newName) = LocalTarget(to, name, (found.Mode & GoDirectory) != 0);
            long bytes = LocalTree.Extract(archive, directory, newName, call.Get(s_archive));
            Tell(call, bytes, to);
        }
        return 0;
    }

    /// <summary>Where it goes: a directory that is there, and the name in it; null for the name: what is in the source goes into the directory itself.</summary>
    private static (string Directory, string? Name) LocalTarget(string to, string name, bool isDirectory)
    {
        string full = Followed(Path.GetFullPath(to), to);
        bool meansDirectory = to.EndsWith('/') || to is "." or ".." || to.EndsWith("/.", StringComparison.Ordinal) || to.EndsWith("/..", StringComparison.Ordinal);
        if (Directory.Exists(full)) return (full, name == "." ? null : name);
        OutputPath.Check(to);
        if (File.Exists(full))
        {
            if (isDirectory) throw new CommandException($"cannot copy directory to file \"{to}\"");
            if (meansDirectory) throw new CommandException($"not a directory: \"{to}\"");
        }
        else if (meansDirectory && !isDirectory)
        {
            throw new CommandException($"destination directory must exist: \"{to}\"");
        }
        string parent = Path.GetDirectoryName(full.TrimEnd('/')) ?? "/";
        if (!Directory.Exists(parent)) throw new CommandException($"invalid output path: directory \"{parent}\" does not exist");
        return (parent, Path.GetFileName(full.TrimEnd('/')));
    }

    /// <summary>Where a link in the place of the file leads, as far as it does: what is copied is written there, and the link stays.</summary>
    private static string Followed(string path, string asked)
    {
        const int MaxLinks = 10;
        for (int i = 0; new FileInfo(path.TrimEnd('/')).LinkTarget is { } target; i++)
        {
            if (i == MaxLinks) throw new CommandException($"too many symlinks in {asked}");
            path = Path.GetFullPath(target, Path.GetDirectoryName(path.TrimEnd('/')) ?? "/");
        }
        return path;
    }

    private static async Task<int> InAsync(Invocation call, string from, string container, string to)
    {
        to = Rooted(to);
        var (target, path) = await ResolveAsync(call, container, to).ConfigureAwait(false);
        if (from == "-")
        {
            if (target is null || !IsDirectory(target)) throw new CommandException($"destination \"{container}:{to}\" must be a directory");
            await call.Client.PutContainerArchiveAsync(container, path, call.Io.In, call.Get(s_archive), call.Cancelled).ConfigureAwait(false);
            return 0;
        }
        bool contents = from == "." || from.EndsWith("/.", StringComparison.Ordinal);
        string source = LocalTree.Resolve(from, call.Get(s_follow) || from.EndsWith('/') || contents);
        bool isDirectory = LocalTree.IsDirectory(source);
        if (from.EndsWith('/') && !isDirectory) throw new CommandException($"not a directory: \"{from}\"");

        string directory = path;
        string name = contents ? "." : LastName(Path.GetFullPath(from));
        if (target is null || !IsDirectory(target))
        {
            if (target is not null && isDirectory) throw new CommandException($"cannot copy directory to file \"{container}:{to}\"");
            if (target is null && to.EndsWith('/') && !isDirectory) throw new CommandException($"destination directory must exist: \"{container}:{to}\"");
            // It gets the name of the destination, whatever its own.
            string plain = path.TrimEnd('/');
            int slash = plain.LastIndexOf('/');
            directory = slash <= 0 ? "/" : plain[..slash];
            name = plain[(slash + 1)..];
        }
        long bytes = await LocalTree.SendAsync(source, name, archive => call.Client.PutContainerArchiveAsync(container, directory, archive, call.Get(s_archive), call.Cancelled), call.Cancelled).ConfigureAwait(false);
        Tell(call, bytes, $"{container}:{to}");
        return 0;
    }

    /// <summary>What is at the destination, links followed; null: nothing yet.</summary>
    private static async Task<(PathStat? Stat, string Path)> ResolveAsync(Invocation call, string container, string path)
    {
        try
        {
            var stat = await call.Client.StatContainerPathAsync(container, path, call.Cancelled).ConfigureAwait(false);
            if (!IsLink(stat)) return (stat, path);
            path = Rooted(stat.LinkTarget);
            return (await call.Client.StatContainerPathAsync(container, path, call.Cancelled).ConfigureAwait(false), path);
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            // Not there yet, or no such container: the copying itself tells which.
            return (null, path);
        }
    }

    private static bool IsDirectory(PathStat stat) => (stat.Mode & GoDirectory) != 0;

    private static bool IsLink(PathStat stat) => (stat.Mode & GoSymbolicLink) != 0;

    private static string Rooted(string path) => path.StartsWith('/') ? path : "/" + path;

    private static string LastName(string path)
    {
        if (path.EndsWith("/.", StringComparison.Ordinal)) return ".";
        string name = path.TrimEnd('/');
        return name.Length == 0 ? "." : name[(name.LastIndexOf('/') + 1)..];
    }

    private static void Tell(Invocation call, long bytes, string to)
    {
        if (!call.Get(s_quiet) && StandardIo.OutIsTerminal) call.Error.WriteLine($"Successfully copied {HumanSize.Decimal(bytes)} to {to}");
    }
}
