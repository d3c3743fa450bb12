using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>Reads through bzip2 compression; streams may follow one another, as parallel compressors write them. It needs 4 MB at most.</summary>
internal sealed unsafe class Bzip2Stream : CodecStream
{
    // The library remembers where it lies.
    private Bzip2Library.Stream* _state;
    private bool _isOpen;

    internal Bzip2Stream(Stream source)
        : base(source, "bzip2") => _state = (Bzip2Library.Stream*)NativeMemory.AllocZeroed((nuint)sizeof(Bzip2Library.Stream));

    protected override bool Decode(byte* input, int inputLength, byte* output, int outputLength, bool isLast, out int consumed, out int produced)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        if (!_isOpen)
        {
            new Span<byte>(_state, sizeof(Bzip2Library.Stream)).Clear();
            var opened = Bzip2Library.BZ2_bzDecompressInit(_state, 0, 0);
            if (opened != Bzip2Library.Ok)
                throw new InvalidOperationException($"bzip2: no decoder (error {opened})");
            _isOpen = true;
        }
        _state->NextIn = input;
        _state->AvailableIn = (uint)inputLength;
        _state->NextOut = output;
        _state->AvailableOut = (uint)outputLength;
        var code = Bzip2Library.BZ2_bzDecompress(_state);
        consumed = inputLength - (int)_state->AvailableIn;
        produced = outputLength - (int)_state->AvailableOut;
        if (code == Bzip2Library.Ok)
            return false;
        if (code != Bzip2Library.StreamEnd)
            throw new InvalidDataException($"bzip2 data is damaged (error {code})");
        End();
        return true;
    }

    protected override void Dispose(bool disposing)
    {
        Free();
        base.Dispose(disposing);
    }

    private void End()
    {
        if (_isOpen)
            _ = Bzip2Library.BZ2_bzDecompressEnd(_state);
        _isOpen = false;
    }

    private void Free()
    {
        if (_state is null)
            return;
        End();
        NativeMemory.Free(_state);
        _state = null;
    }
}
