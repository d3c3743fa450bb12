using Sampan.Linux;
using Sampan.Linux.Files;

namespace Sampan.Storage.Archives;

/// <summary>Content of a tar's files on its way to the disk.</summary>
internal static class TarContent
{
    // Smaller files are left to the flush at the end: a call for each would cost more than it gains.
    private const int StartBytes = 4 * 1024 * 1024;

    /// <summary>Writes the current file's content; its holes stay holes.</summary>
    internal static void CopyTo(this TarReader reader, SafeFd file, byte[] buffer, TarEntry entry, CancellationToken ct)
    {
        var waiting = 0;
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            for (long hole; (hole = reader.SkipHole()) > 0;)
                file.Skip(hole);
            var read = reader.Read(buffer);
            if (read == 0)
                break;
            file.Write(buffer.AsSpan(0, read));
            if ((waiting += read) >= StartBytes)
            {
                // The disk works while the next bytes are inflated.
                file.StartWriting();
                waiting = 0;
            }
        }
        if (entry.IsSparse)
            file.SetSize(entry.Size);
    }
}
