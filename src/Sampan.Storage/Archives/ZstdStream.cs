using System.Buffers;
using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// Reads through zstd compression; frames may follow one another. The library's own limit on the window (128 MiB) bounds its memory.
/// </summary>
internal sealed unsafe class ZstdStream : ReadOnlyStream
{
    private readonly Stream _source;
    private readonly Context _context = new();
    private readonly byte[] _input = ArrayPool<byte>.Shared.Rent(128 * 1024);
    private int _start;
    private int _end;
    private bool _insideFrame;

    internal ZstdStream(Stream source) => _source = source;

    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            var sourceEnded = false;
            if (_start == _end)
            {
                _start = 0;
                _end = _source.Read(_input, 0, _input.Length);
                sourceEnded = _end == 0;
                // At the end the decoder is asked once more: it may still hold output.
                if (sourceEnded && !_insideFrame)
                    return 0;
            }
            var produced = Decode(buffer);
            if (produced > 0)
                return produced;
            if (sourceEnded)
                throw new InvalidDataException("zstd data ends inside a frame");
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_context.IsClosed)
        {
            _context.Dispose();
            ArrayPool<byte>.Shared.Return(_input);
            _source.Dispose();
        }
        base.Dispose(disposing);
    }

    private int Decode(Span<byte> buffer)
    {
        fixed (byte* input = _input)
        fixed (byte* output = buffer)
        {
            var from = new ZstdLibrary.Buffer { Data = input, Size = (nuint)_end, Position = (nuint)_start };
            var to = new ZstdLibrary.Buffer { Data = output, Size = (nuint)buffer.Length };
            var code = ZstdLibrary.ZSTD_decompressStream(_context.DangerousGetHandle(), &to, &from);
            if (ZstdLibrary.ZSTD_isError(code) != 0)
                throw new InvalidDataException("zstd: " + ZstdLibrary.Describe(code));
            _start = (int)from.Position;
            // Zero: a frame was decoded and flushed entirely.
            _insideFrame = code != 0;
            return (int)to.Position;
        }
    }

    /// <summary>ZSTD_DCtx, freed with the stream or by the collector.</summary>
    private sealed class Context : SafeHandle
    {
        internal Context()
            : base(0, ownsHandle: true)
        {
            SetHandle(ZstdLibrary.ZSTD_createDCtx());
            if (handle == 0)
                throw new InvalidOperationException("zstd: no memory for a decoder");
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => ZstdLibrary.ZSTD_isError(ZstdLibrary.ZSTD_freeDCtx(handle)) == 0;
    }
}
