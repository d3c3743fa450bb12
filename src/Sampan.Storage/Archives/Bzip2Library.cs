using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// The streaming decoder of <see href="https://sourceware.org/bzip2/manual/manual.html#bzdecompress">libbz2</see>, linked statically into
/// <c>sampand</c> (Debian's libbz2-dev); see <see cref="ZstdLibrary"/>.
/// </summary>
internal static unsafe partial class Bzip2Library
{
    internal const int Ok = 0;
    internal const int StreamEnd = 4;

    private const string Name = "libbz2";

    /// <summary>bz_stream; what follows is the library's own.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 80)]
    internal struct Stream
    {
        internal byte* NextIn;
        internal uint AvailableIn;
        internal uint TotalInLow;
        internal uint TotalInHigh;
        internal byte* NextOut;
        internal uint AvailableOut;
        internal uint TotalOutLow;
        internal uint TotalOutHigh;
        internal void* State;
    }

    [LibraryImport(Name)]
    internal static partial int BZ2_bzDecompressInit(Stream* stream, int verbosity, int small);

    [LibraryImport(Name)]
    internal static partial int BZ2_bzDecompress(Stream* stream);

    [LibraryImport(Name)]
    internal static partial int BZ2_bzDecompressEnd(Stream* stream);
}
