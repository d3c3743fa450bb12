using System.Globalization;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Proc;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Cgroups;

/// <summary>The files of one group directory: values written and read, with errors that name file, value and group.</summary>
internal static class CgroupFiles
{
    private const int MaxBytes = 4 << 20;

    internal static Errno TryWrite(string directory, string file, string value) =>
        SmallFile.TryWrite(Sys.AT_FDCWD, directory + "/" + file, Encoding.UTF8.GetBytes(value), out var errno) ? Errno.None : errno;

    internal static void Write(string directory, string file, string value)
    {
        var errno = TryWrite(directory, file, value);
        if (errno != Errno.None)
            throw Failure(directory, file, value, errno);
    }

    internal static void Write(string directory, string file, long value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    internal static void Write(string directory, string file, ulong value) => Write(directory, file, value.ToString(CultureInfo.InvariantCulture));

    internal static LinuxException Failure(string directory, string file, string value, Errno errno) => errno == Errno.ENOENT
        ? new LinuxException($"set '{file}' to '{value}' (this kernel or layout has no such control) in control group", Errno.EOPNOTSUPP, directory)
        : new LinuxException($"set '{file}' to '{value}' in control group", errno, directory);

    /// <summary>Null if the file is not there.</summary>
    internal static byte[]? TryRead(string directory, string file)
    {
        if (SmallFile.TryRead(Sys.AT_FDCWD, directory + "/" + file, MaxBytes, out var content, out var errno))
            return content;

        // EOPNOTSUPP: the file is there but its feature is off (swap accounting, v1 memory.memsw).
        return errno is Errno.ENOENT or Errno.ENODEV or Errno.EOPNOTSUPP ? null : throw new LinuxException($"read '{file}' of control group", errno, directory);
    }

    internal static string? TryReadText(string directory, string file) =>
        TryRead(directory, file) is { } content ? Encoding.UTF8.GetString(content).Trim() : null;

    /// <summary>A file that holds one number; null if it is not there or holds <c>max</c>.</summary>
    internal static ulong? TryReadNumber(string directory, string file) =>
        TryRead(directory, file) is { } content && FieldReader.TryULong(content.AsSpan().Trim("\n "u8), out var number) ? number : null;

    /// <summary>A file of lines <c>key number</c>; empty if it is not there.</summary>
    internal static Dictionary<string, ulong> ReadKeyed(string directory, string file)
    {
        var values = new Dictionary<string, ulong>(StringComparer.Ordinal);
        var content = TryRead(directory, file).AsSpan();
        foreach (var range in content.Split((byte)'\n'))
        {
            var fields = new FieldReader(content[range]);
            if (fields.TryNext(out var key) && fields.TryNext(out var value) && FieldReader.TryULong(value, out var number))
                values[Encoding.UTF8.GetString(key)] = number;
        }

        return values;
    }
}
