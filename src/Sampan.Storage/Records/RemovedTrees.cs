using System.Text;
using System.Threading.Channels;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;

namespace Sampan.Storage.Records;

/// <summary>
/// Removes directories in two steps: at once a rename, after which nobody finds the directory any more; then, on one task of its own, what is in
/// it. Each removal of a directory can wait for the disk (where freed blocks are discarded, some milliseconds), and nobody who removes a container need
/// wait for that. A crash in between leaves a name that begins with <see cref="Prefix"/>: who reads the parent directory next removes it.
/// </summary>
/// <remarks>Thread-safe. What comes faster than it can be removed is removed by who brings it, so that nothing piles up.</remarks>
public sealed class RemovedTrees : IAsyncDisposable
{
    /// <summary>How the names of directories begin that are removed already.</summary>
    public const string Prefix = ".removing-";

    /// <summary>How the names of directories begin that are made for what is to come.</summary>
    public const string AheadPrefix = ".ahead-";

    private const int MaxWaiting = 64;

    private readonly Channel<string> _waiting = Channel.CreateBounded<string>(new BoundedChannelOptions(MaxWaiting) { SingleReader = true });
    private readonly Action<string, Exception> _failed;
    private readonly Task _loop;

    /// <summary>Begins with nothing to remove.</summary>
    /// <param name="failed">Is told of each directory that cannot be removed, and why; it is tried again when its parent is read.</param>
    public RemovedTrees(Action<string, Exception> failed)
    {
        _failed = failed;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>Removes a directory with all that is in it.</summary>
    /// <param name="path">The directory.</param>
    /// <returns>False if there is none.</returns>
    /// <exception cref="IOException">It cannot be renamed.</exception>
    public bool Remove(string path) => Remove(path, this);

    /// <summary>As above; without <paramref name="background"/> it returns when everything is gone.</summary>
    internal static bool Remove(string path, RemovedTrees? background)
    {
        // The same name may go more than once before the first is emptied.
        var doomed = Path.Combine(Path.GetDirectoryName(path) ?? "/", $"{Prefix}{Path.GetFileName(path)}-{Guid.NewGuid():n}");
        try
        {
            Directory.Move(path, doomed);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException refused)
        {
            throw DiskRefusal.On("rename", path, refused);
        }
        FailPoint.Changed("removed", path);
        if (background is null || !background._waiting.Writer.TryWrite(doomed))
            Empty(doomed);
        return true;
    }

    /// <summary>Removes a directory that nobody looks for any more, now. By descriptors and bytes: containers leave names that are no text, and links.</summary>
    public static void Empty(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path) ?? "/");
        parent.RemoveTree(Encoding.UTF8.GetBytes(Path.GetFileName(path)));
    }

    /// <summary>Removes what waits, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        _waiting.Writer.TryComplete();
        await _loop.ConfigureAwait(false);
    }

    private async Task RunAsync()
    {
        await foreach (var path in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                Empty(path);
            }
            catch (Exception failure) when (failure is LinuxException or IOException)
            {
                _failed(path, failure);
            }
        }
    }
}
