using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// The streaming decoder of <see href="https://github.com/tukaani-project/xz/blob/master/src/liblzma/api/lzma/container.h">liblzma</see>, linked
/// statically into <c>sampand</c> (Debian's liblzma-dev); see <see cref="ZstdLibrary"/>.
/// </summary>
internal static unsafe partial class XzLibrary
{
    internal const uint Concatenated = 0x08;
    internal const int Run = 0;
    internal const int Finish = 3;
    internal const int Ok = 0;
    internal const int StreamEnd = 1;
    internal const int MemoryLimit = 6;
    internal const int NotProgressing = 10;

    private const string Name = "liblzma";

    /// <summary>lzma_stream; what follows is the library's own.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 136)]
    internal struct Stream
    {
        internal byte* NextIn;
        internal nuint AvailableIn;
        internal ulong TotalIn;
        internal byte* NextOut;
        internal nuint AvailableOut;
        internal ulong TotalOut;
    }

    [LibraryImport(Name)]
    internal static partial int lzma_stream_decoder(Stream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Name)]
    internal static partial int lzma_code(Stream* stream, int action);

    [LibraryImport(Name)]
    internal static partial void lzma_end(Stream* stream);
}
