using Sampan.Linux.Proc;

namespace Sampan.Linux.Accounts;

/// <summary>The bounds within which passwd and group files of an image are read: an image is not trusted (CVE-2026-47262).</summary>
public static class AccountFile
{
    /// <summary>Largest file read, in bytes.</summary>
    public const int MaxBytes = 8 << 20;

    /// <summary>Most lines read of one file.</summary>
    public const int MaxEntries = 200_000;

    /// <summary>Most supplementary groups of one process: the kernel's NGROUPS_MAX.</summary>
    public const int MaxGroups = 65_536;

    /// <summary>Largest user or group id: 2^31-1, as in Docker; larger ones overflow in programs that keep them signed (CVE-2024-40635).</summary>
    public const int MaxId = int.MaxValue;

    /// <summary>Why the file may not be used, or null.</summary>
    internal static string? Refuse(ReadOnlySpan<byte> content, string name)
    {
        if (content.Length > MaxBytes)
            return $"{name} is larger than {MaxBytes} bytes";
        return content.Count((byte)'\n') >= MaxEntries ? $"{name} has more than {MaxEntries} lines" : null;
    }

    /// <summary>An id written in decimal digits only, in range.</summary>
    internal static bool TryId(ReadOnlySpan<byte> text, out uint id)
    {
        id = 0;
        if (!FieldReader.TryInt(text, out var value) || value < 0 || text[0] == '-')
            return false;
        id = (uint)value;
        return true;
    }

    /// <summary>Field <paramref name="index"/> of a line parted by colons, or empty.</summary>
    internal static ReadOnlySpan<byte> Field(ReadOnlySpan<byte> line, int index)
    {
        for (; index > 0; index--)
        {
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
                return default;
            line = line[(colon + 1)..];
        }

        var end = line.IndexOf((byte)':');
        return end < 0 ? line : line[..end];
    }

    /// <summary>Takes the next line off <paramref name="rest"/>; comments and empty lines are passed over.</summary>
    internal static bool NextLine(ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> line)
    {
        while (!rest.IsEmpty)
        {
            var end = rest.IndexOf((byte)'\n');
            line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.IsEmpty && line[0] != '#')
                return true;
        }

        line = default;
        return false;
    }
}
