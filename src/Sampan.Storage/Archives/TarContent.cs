using Sampan.Linux;
using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>Content of a tar's files on its way to the disk.</summary>
internal static class TarContent
{
    /// <summary>Writes the current file's content; its holes stay holes.</summary>
    internal static void CopyTo(this TarReader reader, SafeFd file, byte[] buffer, TarEntry entry, CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            for (long hole; (hole = reader.SkipHole()) > 0;)
                file.Skip(hole);
            var read = reader.Read(buffer);
            if (read == 0)
                break;
            file.Write(buffer.AsSpan(0, read));
        }
        if (entry.IsSparse)
            file.SetSize(entry.Size);
    }
}
