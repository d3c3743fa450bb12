using Sampan.Linux;

namespace Sampan.Storage.Records;

/// <summary>What a file system refuses for reasons of its own: it has no room, is read-only, or damaged.</summary>
public static class DiskRefusal
{
    /// <summary>True if a failure, or what caused it, is the file system's.</summary>
    public static bool IsCauseOf(Exception failure) => failure is LinuxException or IOException or UnauthorizedAccessException || (failure.InnerException is { } cause && IsCauseOf(cause));

    /// <summary>True if a failure, or what caused it, is the want of room.</summary>
    public static bool IsWantOfRoom(Exception failure) => failure switch
    {
        LinuxException { Errno: Errno.ENOSPC or Errno.EDQUOT } => true,
        // .NET gives its IOExceptions the kernel's number.
        IOException { HResult: (int)Errno.ENOSPC or (int)Errno.EDQUOT } => true,
        { InnerException: { } cause } => IsWantOfRoom(cause),
        _ => false,
    };
}
