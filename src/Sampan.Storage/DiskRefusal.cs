using Sampan.Linux;

namespace Sampan.Storage;

/// <summary>Tells a disk that took no more from other failures: the one is told to whoever asked, the others to somebody who must look.</summary>
internal static class DiskRefusal
{
    /// <summary>The refusal behind a failure; null: it is something else.</summary>
    internal static StorageException? Of(Exception failure) => failure switch
    {
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT or Errno.EROFS } refused => new StorageException(StorageError.Refused, refused.Message, refused),
        // .NET gives its IOExceptions the kernel's number.
        IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT or (int)Errno.EROFS } refused => new StorageException(StorageError.Refused, refused.Message, refused),
        _ => null,
    };
}
