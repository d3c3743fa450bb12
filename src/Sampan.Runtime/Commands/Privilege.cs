using Sampan.Linux;
using Sampan.Linux.Io;
using Sampan.Linux.Processes;

namespace Sampan.Runtime.Commands;

/// <summary>What the caller is: root of the host, root of a user namespace, or a user; by the rules of runc.</summary>
internal static class Privilege
{
    private const string HostRoot = "/run/sampan-runtime";
    private const int MapMaxBytes = 64 * 1024;
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Whether to go on without control groups that may not be made: <c>--rootless</c>.</summary>
    /// <exception cref="UsageException">The word is none of true, false, auto.</exception>
    internal static bool ReadRootless(string? word) => word switch
    {
        null or "auto" => !IsUserZero || IsInUserNamespace(),
        "true" or "1" => true,
        "false" or "0" => false,
        _ => throw new UsageException($"invalid value \"{word}\" for flag -rootless: it is none of true, false, auto"),
    };

    /// <summary>Directory of the containers' state: root's, or the user's own.</summary>
    internal static string StateRoot()
    {
        if (!HasOwnRuntimeDirectory() || Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is not { Length: > 0 } own)
            return HostRoot;
        var root = Path.GetFullPath(own) + "/sampan-runtime";
        // Without the sticky bit it may be cleared away after some hours (XDG Base Directory Specification).
        if (HostFile.TryCreateDirectory(root, OwnerOnly))
            File.SetUnixFileMode(root, OwnerOnly | UnixFileMode.StickyBit);
        return root;
    }

    private static bool IsUserZero => CurrentProcess.ReadUid() == 0;

    /// <summary>Root of a user namespace is a user, too, unless he says that he is root.</summary>
    private static bool HasOwnRuntimeDirectory() => !IsUserZero || (IsInUserNamespace() && Environment.GetEnvironmentVariable("USER") != "root");

    /// <summary>In the first user namespace every id is its own.</summary>
    private static bool IsInUserNamespace()
    {
        try
        {
            var fields = System.Text.Encoding.ASCII.GetString(HostFile.Read("/proc/self/uid_map", MapMaxBytes)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
            return fields is not ["0", "0", "4294967295"];
        }
        catch (LinuxException failure) when (failure.Errno == Errno.ENOENT)
        {
            return false; // a kernel without user namespaces
        }
    }
}
