using Sampan.Linux;

namespace Sampan.Runtime.Mounting;

/// <summary>Copies directories.</summary>
internal static class TreeCopy
{
    internal static bool IsEmpty(SafeFd directory, string name) => throw new RuntimeException("mounts", $"cannot copy into '{name}'");

    internal static void Copy(SafeFd source, SafeFd target, string name) => throw new RuntimeException("mounts", $"cannot copy '{name}'");
}
