namespace Sampan.Storage.Archives;

/// <summary>Reads through a native decoder that takes and gives bytes in pieces; several compressed streams may follow one another.</summary>
internal abstract unsafe class CodecStream(Stream source, string name) : ReadOnlyStream
{
    private readonly byte[] _input = GC.AllocateUninitializedArray<byte>(128 * 1024);
    private int _start;
    private int _end;
    private bool _inside;
    private bool _sourceEnded;

    public override int Read(Span<byte> buffer)
    {
        while (buffer.Length > 0)
        {
            if (_start == _end && !_sourceEnded)
            {
                _start = 0;
                _end = source.Read(_input, 0, _input.Length);
                _sourceEnded = _end == 0;
            }
            if (_sourceEnded && _start == _end && !_inside)
                return 0;
            int consumed, produced;
            bool streamEnded;
            fixed (byte* input = _input)
            fixed (byte* output = buffer)
                streamEnded = Decode(input + _start, _end - _start, output, buffer.Length, _sourceEnded, out consumed, out produced);
            _start += consumed;
            _inside = !streamEnded;
            if (produced > 0)
                return produced;
            if (consumed == 0 && _sourceEnded && !streamEnded)
                throw new InvalidDataException($"{name} data ends inside a stream");
        }
        return 0;
    }

    /// <summary>Decodes some; true if a compressed stream ended here and the next input begins another.</summary>
    /// <exception cref="InvalidDataException">The input is damaged.</exception>
    protected abstract bool Decode(byte* input, int inputLength, byte* output, int outputLength, bool isLast, out int consumed, out int produced);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            source.Dispose();
        base.Dispose(disposing);
    }
}
