using Sampan.Linux.Files;

namespace Sampan.Storage.Records;

/// <summary>A file that one process at a time has open, by which it is the only one on a directory. The kernel gives it back when the process ends, however it ends.</summary>
public static class SoleFile
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Opens it; it is made if it is not there.</summary>
    /// <param name="path">Its directory is there.</param>
    /// <param name="time">The clock to wait by.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Closing it gives it back; it cannot be written if the disk is read-only. Null: another one has it.</returns>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="Sampan.Linux.LinuxException">It cannot be locked: the file system knows no locks, say.</exception>
    public static async Task<FileStream?> TryOpenAsync(string path, TimeProvider time, CancellationToken ct)
    {
        // A lock of the open file, and not a record lock of the process: whoever has us copy the directory away (`cp` of a container that has it
        // mounted, `volume export`) has us open and close this file, which gives all record locks on it back (fcntl(2)).
        var file = Opened(path);
        try
        {
            var began = time.GetTimestamp();
            while (!OpenFileLock.TryLock(file.SafeFileHandle, shared: !file.CanWrite))
            {
                // A process that a daemon was just starting when it was killed has that open, too, until it runs its program.
                if (time.GetElapsedTime(began) > s_patience)
                {
                    await file.DisposeAsync();
                    return null;
                }

                await Task.Delay(s_pause, time, ct);
            }

            return file;
        }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    private static FileStream Opened(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (IOException readOnly) when (DiskRefusal.Is(readOnly) && File.Exists(path))
        {
            // Its lock is one for reading: it keeps out who may write, and who may write keeps it out.
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        }
    }
}
