using Sampan.Linux;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Launching;

/// <summary>The namespaces that a container joins by path, opened by the launcher: with its own rights, and before any other root could answer for a path.</summary>
internal sealed class OpenNamespaces : IDisposable
{
    private readonly List<(NamespacePath Name, SafeFd File)> _all = [];

    private OpenNamespaces()
    {
    }

    /// <exception cref="LinuxException">One cannot be opened.</exception>
    internal static OpenNamespaces Open(IReadOnlyList<NamespacePath> paths)
    {
        var opened = new OpenNamespaces();
        try
        {
            foreach (var path in paths)
                opened._all.Add((path, NamespaceFile.Open(path.Path)));
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>The namespace of a kind, or null if none of it is joined.</summary>
    internal SafeFd? Find(NamespaceTypes type) => _all.Find(one => one.Name.Type == type).File;

    /// <summary>Joins those of some kinds, in the order of the specification.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Join(NamespaceTypes types)
    {
        foreach (var (name, file) in _all)
        {
            if (types.HasFlag(name.Type))
                CurrentProcess.Join(file, name.Type, name.Path);
        }
    }

    /// <summary>
    /// Joins all but the mounts. What belongs to the launcher's own user namespace can be joined only before the container's is, what belongs to the
    /// container's only after: so each is tried, then the user namespace joined, then those that were refused.
    /// </summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void JoinAround()
    {
        const NamespaceTypes Around = NamespaceTypes.User | NamespaceTypes.Mount;
        var early = Find(NamespaceTypes.User) is null ? NamespaceTypes.None : _all.Aggregate(NamespaceTypes.None, (sum, one) => sum | (!Around.HasFlag(one.Name.Type) && TryJoin(one) ? one.Name.Type : 0));
        Join(NamespaceTypes.User);
        Join(~(Around | early));
    }

    private static bool TryJoin((NamespacePath Name, SafeFd File) one)
    {
        try
        {
            CurrentProcess.Join(one.File, one.Name.Type, one.Name.Path);
            return true;
        }
        catch (LinuxException failure) when (failure.Errno == Errno.EPERM)
        {
            return false; // asked again behind the user namespace
        }
    }

    public void Dispose()
    {
        foreach (var (_, file) in _all)
            file.Dispose();
    }
}
