namespace Sampan.Engine.Logs;

/// <summary>Finds where the last lines of a log begin.</summary>
internal static class LogTail
{
    private const int Block = 64 << 10;

    /// <summary>How many of the last <paramref name="wanted"/> lines the file holds, and where the first of them begins.</summary>
    /// <param name="file">Seekable.</param>
    /// <param name="wanted">At least 1.</param>
    public static (long Offset, long Lines) Find(Stream file, long wanted)
    {
        var buffer = new byte[Block];
        var position = file.Length;
        long lines = 0;
        while (position > 0)
        {
            var size = (int)Math.Min(Block, position);
            position -= size;
            file.Position = position;
            file.ReadExactly(buffer.AsSpan(0, size));
            for (var i = size - 1; i >= 0; i--)
            {
                if (buffer[i] != (byte)'\n')
                    continue;
                if (lines == wanted)
                    return (position + i + 1, lines);
                lines++;
            }
        }

        return (0, lines);
    }

    /// <summary>How many lines an unseekable file has.</summary>
    public static long Count(Stream file)
    {
        var buffer = new byte[Block];
        long lines = 0;
        for (int read; (read = file.Read(buffer)) > 0;)
            lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }
}
