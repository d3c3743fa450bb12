using Sampan.Linux.Files;
using Sampan.Linux.Io;

namespace Sampan.Storage.Trees;

/// <summary>The open directories from the root to where a walk is.</summary>
internal sealed class TreeWay(DirectoryHandle root) : IDisposable
{
    // A path of PATH_MAX bytes has no more names; links could add more.
    private const int MaxDepth = 2048;

    private readonly List<(DirectoryHandle Directory, string Name)> _steps = [];

    internal DirectoryHandle Here => _steps.Count == 0 ? root : _steps[^1].Directory;

    /// <summary>Where a name in this directory is, from the root, without links.</summary>
    internal string PathOf(string name) => string.Join('/', _steps.Select(step => step.Name).Append(name));

    internal void Enter(string name, DirectoryHandle directory)
    {
        if (_steps.Count == MaxDepth)
        {
            directory.Dispose();
            throw new StorageException(StorageError.NotSupported, $"a path leads more than {MaxDepth} directories deep");
        }
        _steps.Add((directory, name));
    }

    internal void Back()
    {
        if (_steps.Count == 0)
            return;
        _steps[^1].Directory.Dispose();
        _steps.RemoveAt(_steps.Count - 1);
    }

    internal void ToRoot()
    {
        while (_steps.Count > 0)
            Back();
    }

    internal TreePlace Directory() => new(Take(), null, FileStatus.Of(Here.Descriptor), Canonical, []);

    internal TreePlace File(byte[] bytes, FileStatus status, string name) => new(Take(), bytes, status, PathOf(name), []);

    internal TreePlace Missing(IReadOnlyList<string> names) => new(Take(), null, default, Canonical, names);

    /// <summary>The path goes on behind something that is no directory.</summary>
    internal TreePlace NotDirectory() => new(Take(), null, default, Canonical, [], isFound: false);

    public void Dispose() => ToRoot();

    private string Canonical => string.Join('/', _steps.Select(step => step.Name));

    // A description of its own, that outlives the way.
    private DirectoryHandle Take() => Here.TryResolve([], out var errno) ?? throw new Linux.LinuxException("open directory", errno, Canonical);
}
