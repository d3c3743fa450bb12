using Sampan.Linux;

namespace Sampan.Storage;

/// <summary>Tells a disk that took no more from other failures: the one is told to whoever asked, the others to somebody who must look.</summary>
internal static class DiskRefusal
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

    /// <summary>The failure as it is told to whoever asked.</summary>
    internal static StorageException Of(Exception failure) => failure as StorageException ?? new(StorageError.Refused, failure.Message, failure);

    private static bool IsRefusal(Errno errno) => errno is Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS;
}
