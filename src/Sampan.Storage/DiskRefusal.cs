using Sampan.Linux;

namespace Sampan.Storage;

/// <summary>Tells a disk that takes no more from other failures: the one is told to whoever asked, the others to somebody who must look.</summary>
public static class DiskRefusal
{
    /// <summary>Whether a failure, or what caused it, is the disk's: full, over its quota, read-only, or broken.</summary>
    public static bool Is(Exception failure) => IsWantOfRoom(failure) || IsOf(failure, Errno.EROFS, Errno.EIO);

    /// <summary>What a person can do about a broken disk.</summary>
    public const string BrokenAdvice = "the disk or its file system is broken: the kernel's log ('dmesg') says why; mend it, mount it anew, and start the daemon again";

    /// <summary>Whether a failure, or what caused it, is a broken disk's.</summary>
    public static bool IsOfBrokenDisk(Exception failure) => IsOf(failure, Errno.EIO, Errno.EIO);

    /// <summary>Whether a failure, or what caused it, is the want of room.</summary>
    public static bool IsWantOfRoom(Exception failure) => IsOf(failure, Errno.ENOSPC, Errno.EDQUOT);

    /// <summary>Whether a failure, or what caused it, is the file system's for whatever reason of its own: that it is damaged, too.</summary>
    public static bool IsOfFiles(Exception failure) =>
        failure is LinuxException or IOException or UnauthorizedAccessException || (failure.InnerException is { } cause && IsOfFiles(cause));

    /// <summary>
    /// Does what can as well be done later, if the disk lets us: clears away what nothing refers to, say. On a disk that is full or read-only all that can
    /// be read must be there all the same.
    /// </summary>
    /// <param name="work">Is done by whoever looks here next.</param>
    public static void TryNow(Action work)
    {
        try
        {
            work();
        }
        catch (Exception refused) when (Is(refused))
        {
            // Who changes something is refused, and told.
        }
    }

    /// <summary>A failure of .NET that does not say what it happened to, as one that does.</summary>
    internal static IOException On(string act, string path, IOException failure) => new($"cannot {act} '{path}': {failure.Message}", failure.HResult);

    /// <summary>The failure as it is told to whoever asked.</summary>
    internal static StorageException Of(Exception failure) => failure as StorageException ?? new(StorageError.Refused, failure.Message, failure);

    private static bool IsOf(Exception? failure, Errno one, Errno other) => failure switch
    {
        null => false,
        LinuxException refused when refused.Errno == one || refused.Errno == other => true,
        // .NET gives its IOExceptions the kernel's number.
        IOException refused when (Errno)refused.HResult == one || (Errno)refused.HResult == other => true,
        _ => IsOf(failure.InnerException, one, other),
    };
}
