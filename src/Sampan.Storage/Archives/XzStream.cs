using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>Reads through xz compression. A dictionary larger than 128 MiB is refused: the archive says how much memory its reader needs.</summary>
internal sealed unsafe class XzStream : CodecStream
{
    private const ulong MemoryMax = 136UL * 1024 * 1024;

    private XzLibrary.Stream* _state;

    internal XzStream(Stream source)
        : base(source, "xz")
    {
        _state = (XzLibrary.Stream*)NativeMemory.AllocZeroed((nuint)sizeof(XzLibrary.Stream));
        var code = XzLibrary.lzma_stream_decoder(_state, MemoryMax, XzLibrary.Concatenated);
        if (code != XzLibrary.Ok)
        {
            Free();
            throw new InvalidOperationException($"xz: no decoder (error {code})");
        }
    }

    protected override bool Decode(byte* input, int inputLength, byte* output, int outputLength, bool isLast, out int consumed, out int produced)
    {
        ObjectDisposedException.ThrowIf(_state is null, this);
        _state->NextIn = input;
        _state->AvailableIn = (nuint)inputLength;
        _state->NextOut = output;
        _state->AvailableOut = (nuint)outputLength;
        var code = XzLibrary.lzma_code(_state, isLast ? XzLibrary.Finish : XzLibrary.Run);
        consumed = inputLength - (int)_state->AvailableIn;
        produced = outputLength - (int)_state->AvailableOut;
        // The library goes on with following streams itself; it says that the last one ended only when told that nothing follows.
        return code switch
        {
            XzLibrary.Ok or XzLibrary.NotProgressing => false,
            XzLibrary.StreamEnd => true,
            XzLibrary.MemoryLimit => throw new InvalidDataException($"xz data needs more than {MemoryMax} bytes of memory"),
            _ => throw new InvalidDataException($"xz data is damaged (error {code})"),
        };
    }

    protected override void Dispose(bool disposing)
    {
        Free();
        base.Dispose(disposing);
    }

    private void Free()
    {
        if (_state is null)
            return;
        XzLibrary.lzma_end(_state);
        NativeMemory.Free(_state);
        _state = null;
    }
}
