using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Sampan.Linux.Files;
using Sampan.Linux.Processes;
using Sampan.Oci.Images;

namespace Sampan.Storage.Content;

/// <summary>
/// A blob that arrives in pieces and survives interruptions: beside its bytes lies a file that says which are there, brought up to date
/// with every write, so that the next try goes on at the very byte, also after the daemon was killed.
/// <code>
/// DATA-ROOT/content/partial/HEX          the bytes
/// DATA-ROOT/content/partial/HEX.spans    "partial 1 SIZE", then a line "START END AT" for each span, all numbers of 19 digits
/// </code>
/// After a power cut the two may not fit; the digest tells, and then the download begins anew.
/// </summary>
/// <remarks>Each span is written by one thread at a time; different spans by different ones.</remarks>
internal sealed class PartialBlob : IDisposable
{
    private const int NumberLength = 19;
    private const int LineLength = 3 * (NumberLength + 1);
    private const string Magic = "partial 1 ";
    private const int StartBytes = 8 * 1024 * 1024;
    private const int HeadLength = 10 + NumberLength + 1;

    private readonly string _path;
    private readonly SafeFileHandle _content;
    private readonly SafeFileHandle _spans;
    private readonly BlobArrival? _arrival;
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _hashed;
    private bool _disposed;

    private PartialBlob(string path, SafeFileHandle content, SafeFileHandle spans, Digest digest, long size, IReadOnlyList<PartialSpan> parts, BlobArrival? arrival)
    {
        (_path, _content, _spans, _arrival) = (path, content, spans, arrival);
        (Digest, Size, Spans) = (digest, size, parts);
        IsResumed = parts.Any(span => span.At > span.Start);
    }

    internal Digest Digest { get; }

    internal long Size { get; }

    internal IReadOnlyList<PartialSpan> Spans { get; }

    /// <summary>True if some of it was there already.</summary>
    internal bool IsResumed { get; private set; }

    /// <summary>Bytes that are there.</summary>
    internal long Done => Spans.Sum(span => span.At - span.Start);

    internal bool IsComplete => Spans.All(span => span.IsComplete);

    // Bytes that are there from the first on.
    private long Unbroken => Spans.FirstOrDefault(span => !span.IsComplete)?.At ?? Size;

    /// <summary>Opens what is there of a blob, or begins it.</summary>
    /// <param name="path">Of its bytes.</param>
    /// <param name="digest">Which blob.</param>
    /// <param name="size">How many bytes it will have.</param>
    /// <param name="spans">Into how many parts a new one is divided.</param>
    /// <param name="arrival">Told how far it is there; null: nobody.</param>
    internal static PartialBlob Open(string path, Digest digest, long size, int spans, BlobArrival? arrival = null)
    {
        var content = OpenFile(path);
        try
        {
            var file = OpenFile(path + ".spans");
            try
            {
                var known = ReadSpans(file, size, RandomAccess.GetLength(content));
                if (known is null)
                {
                    // Of what an earlier registry sent nothing is left, if there was one.
                    if (arrival is { Begun.IsCompleted: true })
                        arrival.Tear();
                    RandomAccess.SetLength(content, 0);
                    known = Divide(size, spans);
                    WriteSpans(file, size, known);
                }
                var blob = new PartialBlob(path, content, file, digest, size, known, arrival);
                arrival?.Begin(path);
                arrival?.Reach(blob.Unbroken);
                return blob;
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch
        {
            content.Dispose();
            throw;
        }
    }

    /// <summary>Takes the next bytes of a span.</summary>
    internal void Write(PartialSpan span, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, span.End - span.At, nameof(bytes));
        RandomAccess.Write(_content, bytes, span.At);
        if (span.Number == 0 && span.At == _hashed)
        {
            // Most blobs come in one part from the beginning: then nothing has to be read again for the digest.
            _hash.AppendData(bytes);
            _hashed += bytes.Length;
        }
        // The disk works while the next bytes come: the flush at the end then waits less.
        if (span.At / StartBytes != (span.At + bytes.Length) / StartBytes)
            _content.StartWriting();
        span.At += bytes.Length;
        WriteAt(span);
        _arrival?.Reach(Unbroken);
    }

    /// <summary>Checks the digest of the whole.</summary>
    /// <returns>The digest that it has.</returns>
    internal Digest Verify(CancellationToken ct)
    {
        // Spans that end at the same moment need not have seen each other.
        _arrival?.Reach(Unbroken);
        var buffer = new byte[256 * 1024];
        while (_hashed < Size)
        {
            ct.ThrowIfCancellationRequested();
            var read = RandomAccess.Read(_content, buffer.AsSpan(0, (int)Math.Min(buffer.Length, Size - _hashed)), _hashed);
            if (read == 0)
                break;
            _hash.AppendData(buffer.AsSpan(0, read));
            _hashed += read;
        }
        _hashed = 0;
        return Digest.FromHash(_hash.GetHashAndReset());
    }

    /// <summary>Begins anew: what is there was wrong.</summary>
    internal void Restart()
    {
        _arrival?.Tear();
        _hashed = 0;
        _ = _hash.GetHashAndReset();
        IsResumed = false;
        RandomAccess.SetLength(_content, 0);
        foreach (var span in Spans)
        {
            span.At = span.Start;
            WriteAt(span);
        }
    }

    /// <summary>Gives the bytes, which have the right digest, their place in the store, once they are on the disk: they are kept there also if no image comes to refer to them.</summary>
    internal void Promote(string target)
    {
        RandomAccess.FlushToDisk(_content);
        File.Move(_path, target, overwrite: true);
        FailPoint.Changed("written", target);
        File.Delete(_path + ".spans");
    }

    /// <summary>Keeps nothing.</summary>
    internal void Discard()
    {
        _arrival?.Tear();
        File.Delete(_path);
        File.Delete(_path + ".spans");
    }

    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        _content.Dispose();
        _spans.Dispose();
        _hash.Dispose();
    }

    private static SafeFileHandle OpenFile(string path) => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);

    private static List<PartialSpan> Divide(long size, int count)
    {
        var spans = new List<PartialSpan>(count);
        for (var i = 0; i < count; i++)
        {
            var (start, end) = (size / count * i, i == count - 1 ? size : size / count * (i + 1));
            spans.Add(new PartialSpan(i, start, end, start));
        }
        return spans;
    }

    private static List<PartialSpan>? ReadSpans(SafeFileHandle file, long size, long contentLength)
    {
        var length = RandomAccess.GetLength(file);
        if (length < HeadLength + LineLength || length > 64 * 1024 || (length - HeadLength) % LineLength != 0)
            return null;
        var bytes = new byte[length];
        RandomAccess.Read(file, bytes, 0);
        var text = Encoding.ASCII.GetString(bytes);
        if (!text.StartsWith(Magic, StringComparison.Ordinal) || !TryRead(text, Magic.Length, out var told) || told != size)
            return null;
        var spans = new List<PartialSpan>();
        long next = 0;
        for (var offset = HeadLength; offset < text.Length; offset += LineLength)
        {
            if (!TryRead(text, offset, out var start) || !TryRead(text, offset + NumberLength + 1, out var end) || !TryRead(text, offset + (2 * (NumberLength + 1)), out var at))
                return null;
            if (start != next || end < start || at < start || at > end || (at > start && at > contentLength))
                return null;
            spans.Add(new PartialSpan(spans.Count, start, end, at));
            next = end;
        }
        return next == size ? spans : null;
    }

    private static bool TryRead(string text, int offset, out long number) =>
        long.TryParse(text.AsSpan(offset, NumberLength), NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static void WriteSpans(SafeFileHandle file, long size, IReadOnlyList<PartialSpan> spans)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Magic}{size:D19}\n");
        foreach (var span in spans)
            text.Append(CultureInfo.InvariantCulture, $"{span.Start:D19} {span.End:D19} {span.At:D19}\n");
        RandomAccess.SetLength(file, 0);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes(text.ToString()), 0);
    }

    private void WriteAt(PartialSpan span)
    {
        Span<byte> number = stackalloc byte[NumberLength];
        _ = span.At.TryFormat(number, out _, "D19", CultureInfo.InvariantCulture);
        RandomAccess.Write(_spans, number, HeadLength + ((long)span.Number * LineLength) + (2 * (NumberLength + 1)));
    }
}
