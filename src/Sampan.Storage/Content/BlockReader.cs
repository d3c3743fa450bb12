using Microsoft.Win32.SafeHandles;
using Sampan.Linux;
using Sampan.Linux.Files;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Content;

/// <summary>Reads a large file from its beginning in whole blocks, the next one while the one before is used. The file is somebody else's to close.</summary>
/// <remarks>For one thread at a time; several may read one file.</remarks>
internal sealed class BlockReader(SafeFileHandle file, long length) : ReadOnlyStream
{
    private AlignedBlock? _block;
    private Task<AlignedBlock>? _next;
    private long _start = -AlignedBlock.Size;
    private int _used;
    private int _filled;
    private long _length = length; // nothing, once it is disposed

    public override int Read(Span<byte> buffer)
    {
        if (_used == _filled && !buffer.IsEmpty && !Advance())
            return 0;
        var count = Math.Min(buffer.Length, _filled - _used);
        _block?.Span.Slice(_used, count).CopyTo(buffer);
        _used += count;
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _block?.Return();
            _block = null;
            if (_next is { } next)
            {
                _ = Task.WaitAny([next], CancellationToken.None);
                if (next.IsCompletedSuccessfully)
                    next.Result.Return();
                _ = next.Exception;
            }
            _next = null;
            (_used, _filled, _length) = (0, 0, 0);
        }
        base.Dispose(disposing);
    }

    private bool Advance()
    {
        if (_start + AlignedBlock.Size >= _length)
            return false;
        _start += AlignedBlock.Size;
        var ready = _next is { } next ? next.GetAwaiter().GetResult() : Fill(_start);
        _block?.Return();
        _block = ready;
        (_used, _filled) = (0, Count(_start));
        var following = _start + AlignedBlock.Size;
        _next = following < _length ? Task.Run(() => Fill(following)) : null;
        return true;
    }

    private AlignedBlock Fill(long start)
    {
        var block = AlignedBlock.Rent();
        try
        {
            var want = Count(start);
            for (var got = 0; got < want;)
            {
                // A whole block, for that is what a direct read may ask for: the file's end makes it shorter.
                var read = Read(block.Span[got..], start + got);
                if (read == 0)
                    throw new EndOfStreamException($"a file of {_length} bytes ended at byte {start + got}");
                got += read;
            }
            return block;
        }
        catch
        {
            block.Return();
            throw;
        }
    }

    private int Read(Span<byte> target, long at)
    {
        try
        {
            return RandomAccess.Read(file, target, at);
        }
        catch (IOException odd) when ((Errno)odd.HResult == Errno.EINVAL && file.TrySetDirect(false))
        {
            // A file system that takes the flag and not the read, or wants larger multiples.
            return RandomAccess.Read(file, target, at);
        }
    }

    private int Count(long start) => (int)Math.Min(AlignedBlock.Size, _length - start);
}
