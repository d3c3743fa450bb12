using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Cli.Commands.Images;

/// <summary>Files of a context that are open for reading, so that the engine can duplicate them.</summary>
internal sealed class OpenFiles : IDisposable
{
    private readonly List<SafeFd> _files = [];

    public int Count => _files.Count;

    /// <summary>Opens a file. Nobody is kept from writing it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="status">What it was when it was looked at.</param>
    /// <returns>Its descriptor; null: it cannot be read, or is another one by now: who sends it tells.</returns>
    public int? TryAdd(string path, in FileStatus status)
    {
        try
        {
            var file = HostFile.Open(path, OpenFlags.ReadOnly | OpenFlags.NoFollow | OpenFlags.NonBlocking);
            _files.Add(file);
            return FileStatus.Of(file).Fingerprint == status.Fingerprint ? file.Number : null;
        }
        catch (LinuxException)
        {
            return null;
        }
    }

    public void Dispose() => _files.ForEach(static file => file.Dispose());
}
