using System.Collections.Concurrent;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Storage.Records;

// What is made ahead: the directory of an entity to come, with room for its record. To make directories and files takes the file system
// longer than all else that creating a container is, and flushing new ones takes a write for each of them and all above.
public sealed partial class RecordDirectory<T>
{
    // More than the records of most containers; longer ones are written as ever.
    private const int Reserved = 8192;

    private readonly ConcurrentDictionary<string, bool> _ahead = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, bool> _reserved = new(StringComparer.Ordinal);

    /// <summary>Makes the directory of an entity to come, for <see cref="Prepare"/> to find. Nothing of it is flushed.</summary>
    /// <param name="key">A plain file name that nothing else has.</param>
    /// <param name="below">Directories to be made in it.</param>
    /// <exception cref="StorageException">Refused: it cannot be made; <see cref="DropAhead"/> removes what there is of it.</exception>
    public void MakeAhead(string key, params string[] below) => Guarded(key, () =>
    {
        var directory = AheadOf(key);
        _ahead[key] = false;
        Directory.CreateDirectory(directory, OwnerOnly);
        foreach (var name in below)
            Directory.CreateDirectory(Path.Combine(directory, name), OwnerOnly);
        ReservedFile.Make(Path.Combine(directory, _fileName), Reserved);
    });

    /// <summary>Flushes what was made ahead, so that a record there can be flushed by one write.</summary>
    /// <param name="key">What was made, and not prepared yet.</param>
    /// <exception cref="StorageException">Refused.</exception>
    public void FlushAhead(string key) => Guarded(key, () =>
    {
        ReservedFile.Flush(Path.Combine(AheadOf(key), _fileName));
        _ahead[key] = true;
    });

    /// <summary>Flushes a record that was saved without; nothing, if it is gone.</summary>
    /// <exception cref="StorageException">Refused.</exception>
    public void Flush(string key)
    {
        try
        {
            Guarded(key, () => ReservedFile.Flush(Path.Combine(DirectoryOf(key), _fileName)));
        }
        catch (StorageException gone) when (gone.InnerException is LinuxException { Errno: Errno.ENOENT })
        {
            // Removed meanwhile: there is nothing to lose.
        }
    }

    /// <summary>Removes what was made ahead; nothing, if it was prepared meanwhile.</summary>
    /// <exception cref="StorageException">Refused: it goes at the next <see cref="Scan"/>.</exception>
    public void DropAhead(string key)
    {
        _reserved.TryRemove(key, out _);
        if (_ahead.TryRemove(key, out _) && Directory.Exists(AheadOf(key)))
            Guarded(key, () => RemovedTrees.Empty(AheadOf(key)));
    }

    private void Guarded(string key, Action work)
    {
        try
        {
            work();
        }
        catch (Exception refused) when (refused is LinuxException or IOException or UnauthorizedAccessException)
        {
            throw new StorageException(StorageError.Refused, $"cannot write '{DirectoryOf(key)}': {refused.Message}", refused);
        }
    }

    private string AheadOf(string key) => Path.Combine(_root, RemovedTrees.AheadPrefix + Checked(key));

    private bool TakeAhead(string key, string directory)
    {
        if (!_ahead.TryRemove(key, out var flushed))
            return false;
        try
        {
            Directory.Move(AheadOf(key), directory);
        }
        catch (DirectoryNotFoundException)
        {
            return false;
        }
        catch (IOException refused)
        {
            _ahead[key] = flushed; // still there, to be dropped
            throw DiskRefusal.On("rename", AheadOf(key), refused);
        }
        _reserved[key] = flushed;
        return true;
    }

    private bool TryFill(string key, string path, ReadOnlySpan<byte> content, bool durable) =>
        _reserved.TryRemove(key, out var flushed)
        && ReservedFile.TryFill(path, content, durable ? flushed ? ReservedFlush.Content : ReservedFlush.All : ReservedFlush.Nothing);

    // Nobody else is here yet. With a record it is an entity, of which a power cut took back the name: that is not flushed, the record is.
    private void NameAhead()
    {
        foreach (var directory in Directory.EnumerateDirectories(_root, RemovedTrees.AheadPrefix + "*"))
        {
            var key = Path.GetFileName(directory)[RemovedTrees.AheadPrefix.Length..];
            if (_ahead.ContainsKey(key))
                continue;
            DiskRefusal.TryNow(() =>
            {
                if (!IsKey(key) || Directory.Exists(DirectoryOf(key)))
                    RemovedTrees.Empty(directory);
                else
                    Directory.Move(directory, DirectoryOf(key));
            });
        }
    }

    private static bool IsWritten(string path) =>
        new FileInfo(path) is { Exists: true } file && (file.Length != Reserved || ReservedFile.IsFilled(File.ReadAllBytes(path)));
}
