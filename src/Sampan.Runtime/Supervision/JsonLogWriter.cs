using System.Text;
using System.Text.Unicode;
using Sampan.Linux;
using Sampan.Linux.Io;

namespace Sampan.Runtime.Supervision;

/// <summary>
/// Docker's json-file log: one line <c>{"log":"text\n","stream":"stdout","time":"2026-01-02T03:04:05.123456789Z"}</c> per line of output, a longer
/// one cut every 16 KiB. Rotated by size; allocates nothing per chunk. See <see href="https://docs.docker.com/engine/logging/drivers/json-file/">json-file</see>.
/// </summary>
internal sealed class JsonLogWriter : IDisposable
{
    /// <summary>Where moby cuts a line that does not end.</summary>
    private const int PartMax = 16 * 1024;

    /// <summary>A part with every byte escaped as \u00xx, and the frame around it.</summary>
    private const int EntryMax = (PartMax * 6) + 256;

    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly int _maxFiles;
    private readonly TimeProvider _time;
    private readonly byte[] _attributes;
    private readonly byte[][] _parts = [[], [], []];
    private readonly int[] _lengths = new int[3];
    private byte[] _entries = new byte[8192];
    private int _filled;
    private SafeFd _file;
    private long _size;

    internal JsonLogWriter(SupervisorLaunch launch, string path, TimeProvider time)
    {
        _path = path;
        _maxBytes = launch.LogMaxBytes;
        _maxFiles = Math.Max(1, launch.LogMaxFiles);
        _time = time;
        _attributes = launch.LogAttributes is { } attributes ? Encoding.UTF8.GetBytes($"\"attrs\":{attributes},") : [];
        _file = OpenFile();
        _size = FileStatus.Of(_file).Size;
    }

    /// <summary>Bytes logged by this supervisor; rotation does not lessen it.</summary>
    internal long Total { get; private set; }

    /// <summary>What could not be written, or null. A full disk loses output, it does not stop the container.</summary>
    internal string? Failure { get; private set; }

    /// <summary>Takes output of a stream: 1 for stdout, 2 for stderr. Whole lines are written before it returns.</summary>
    internal void Write(int stream, ReadOnlySpan<byte> output)
    {
        while (!output.IsEmpty)
        {
            var end = output.IndexOf((byte)'\n');
            var take = Math.Min(end < 0 ? output.Length : end + 1, PartMax - _lengths[stream]);
            var piece = output[..take];
            output = output[take..];
            if (_lengths[stream] == 0 && (piece[^1] == (byte)'\n' || piece.Length == PartMax))
            {
                AddEntry(stream, piece); // a whole line in this chunk, the usual case: not copied
                continue;
            }
            if (_parts[stream].Length == 0)
                _parts[stream] = new byte[PartMax];
            piece.CopyTo(_parts[stream].AsSpan(_lengths[stream]));
            _lengths[stream] += take;
            if (piece[^1] == (byte)'\n' || _lengths[stream] == PartMax)
                FlushPart(stream);
        }
        WriteEntries();
    }

    /// <summary>Writes what has not ended in a line: the output is over.</summary>
    internal void Finish()
    {
        for (var stream = 1; stream < _lengths.Length; stream++)
        {
            if (_lengths[stream] > 0)
                FlushPart(stream);
        }
        WriteEntries();
    }

    private void FlushPart(int stream)
    {
        AddEntry(stream, _parts[stream].AsSpan(0, _lengths[stream]));
        _lengths[stream] = 0;
    }

    private void AddEntry(int stream, ReadOnlySpan<byte> text)
    {
        var needed = Math.Min(EntryMax, (text.Length * 6) + 256) + _attributes.Length;
        if (_entries.Length - _filled < needed)
            WriteEntries();
        if (_entries.Length < needed)
            _entries = new byte[needed];
        var entry = _entries.AsSpan(_filled);
        var at = Put(entry, 0, "{\"log\":\""u8);
        at += JsonText.Escape(text, entry[at..]);
        at = Put(entry, at, stream == 2 ? "\",\"stream\":\"stderr\","u8 : "\",\"stream\":\"stdout\","u8);
        at = Put(entry, at, _attributes);
        at = Put(entry, at, "\"time\":\""u8);
        at += WriteTime(entry[at..]);
        at = Put(entry, at, "\"}\n"u8);
        if (_maxBytes > 0 && _size + _filled + at > _maxBytes && _size + _filled > 0)
        {
            // The entry goes to the next file: it lies behind those that are written now.
            WriteEntries(keep: at);
            Rotate();
        }
        _filled += at;
    }

    private static int Put(Span<byte> target, int at, ReadOnlySpan<byte> text)
    {
        text.CopyTo(target[at..]);
        return at + text.Length;
    }

    private int WriteTime(Span<byte> target)
    {
        var now = _time.GetUtcNow();
        Utf8.TryWrite(target, $"{now:yyyy-MM-dd'T'HH:mm:ss.fffffff}00Z", out var written);
        return written;
    }

    private void WriteEntries(int keep = 0)
    {
        if (_filled > 0)
        {
            try
            {
                _file.WriteAll(_entries.AsSpan(0, _filled));
                _size += _filled;
                Total += _filled;
                Failure = null;
            }
            catch (LinuxException failure)
            {
                Failure = failure.Message;
            }
        }
        if (keep > 0)
            _entries.AsSpan(_filled, keep).CopyTo(_entries);
        _filled = 0;
    }

    /// <summary>
    /// log → log.1 → log.2 …, each perhaps compressed; the oldest is replaced. The lock is the daemon's while it exchanges a file for its
    /// compressed form: it is not waited for, the log grows a little longer instead.
    /// </summary>
    private void Rotate()
    {
        try
        {
            using var held = HostFile.Open(_path + ".lock", OpenFlags.ReadWrite | OpenFlags.Create, Mode);
            if (!HostFile.TryLock(held))
                return;
            for (var number = _maxFiles - 1; number > 0; number--)
                Shift(number);
            if (_maxFiles == 1)
                HostFile.Remove(_path);
            var next = OpenFile();
            _file.Dispose();
            _file = next;
            _size = 0;
        }
        catch (LinuxException failure)
        {
            Failure = failure.Message; // go on in the old file: too large is better than lost
        }
    }

    // Number 1 is the present file.
    private void Shift(int number)
    {
        var to = $"{_path}.{number}";
        HostFile.Remove(to);
        HostFile.Remove(to + ".gz");
        if (number == 1)
        {
            HostFile.Rename(_path, to);
            return;
        }
        var from = $"{_path}.{number - 1}";
        if (File.Exists(from))
            HostFile.Rename(from, to);
        if (File.Exists(from + ".gz"))
            HostFile.Rename(from + ".gz", to + ".gz");
    }

    private SafeFd OpenFile() => HostFile.Open(_path, OpenFlags.WriteOnly | OpenFlags.Append | OpenFlags.Create, Mode);

    public void Dispose() => _file.Dispose();
}
