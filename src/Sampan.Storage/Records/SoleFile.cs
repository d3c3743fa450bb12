namespace Sampan.Storage.Records;

/// <summary>A file that one process at a time has open, by which it is the only one on a directory. The kernel gives it back when the process ends, however it ends.</summary>
public static class SoleFile
{
    /// <summary>Opens it; it is made if it is not there.</summary>
    /// <param name="path">Its directory is there.</param>
    /// <returns>Closing it gives it back; it cannot be written if the disk is read-only.</returns>
    /// <exception cref="IOException">Another process has it, or it cannot be made.</exception>
    public static FileStream Open(string path)
    {
        // A record lock (fcntl(2)) and not flock(2), which belongs to the open file: a process that a daemon was just starting when it was killed has
        // that open, too, until it runs its program, and the next daemon would be told that another one runs.
        var file = Opened(path);
        try
        {
            file.Lock(0, 0);
            return file;
        }
        catch
        {
            file.Dispose();
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
