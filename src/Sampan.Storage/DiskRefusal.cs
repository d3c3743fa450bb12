using Sampan.Linux;

namespace Sampan.Storage;

/// <summary>Tells a disk that took no more from other failures: the one is told to whoever asked, the others to somebody who must look.</summary>
public static class DiskRefusal
{
    /// <summary>Whether a failure is the disk's: full, over its quota, or read-only.</summary>
    internal static bool Is(Exception failure) => failure switch
    {
        LinuxException refused => IsRefusal(refused.Errno),
        // .NET gives its IOExceptions the kernel's number.
        IOException refused => IsRefusal((Errno)refused.HResult),
        StorageException told => told.Kind == StorageError.Refused,
        _ => false,
    };

    /// <summary>Whether a failure, or what caused it, is the want of room.</summary>
    public static bool IsWantOfRoom(Exception failure) => failure switch
    {
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } => true,
        IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT } => true,
        { InnerException: { } cause } => IsWantOfRoom(cause),
        _ => false,
    };

    /// <summary>Whether a failure, or what caused it, is the file system's for whatever reason of its own: that it is damaged, too.</summary>
    public static bool IsOfFiles(Exception failure) =>
        failure is LinuxException or IOException or UnauthorizedAccessException || (failure.InnerException is { } cause && IsOfFiles(cause));

    /// <summary>The failure as it is told to whoever asked.</summary>
    internal static StorageException Of(Exception failure) => failure as StorageException ?? new(StorageError.Refused, failure.Message, failure);

    private static bool IsRefusal(Errno errno) => errno is Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS;
}
