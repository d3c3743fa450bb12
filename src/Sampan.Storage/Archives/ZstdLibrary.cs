using System.Runtime.InteropServices;

namespace Sampan.Storage.Archives;

/// <summary>
/// The streaming decoder of <see href="https://facebook.github.io/zstd/zstd_manual.html">libzstd</see>: .NET 9 has none.
/// Linked statically into <c>sampand</c> (Debian's libzstd-dev); tests under the just-in-time compiler load the shared library.
/// It is no kernel call, so it lives here and not in <c>Sampan.Linux</c>.
/// </summary>
internal static unsafe partial class ZstdLibrary
{
    private const string Name = "libzstd";

    /// <summary>ZSTD_inBuffer and ZSTD_outBuffer: the same shape.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Buffer
    {
        internal byte* Data;
        internal nuint Size;
        internal nuint Position;
    }

    [LibraryImport(Name)]
    internal static partial nint ZSTD_createDCtx();

    [LibraryImport(Name)]
    internal static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Name)]
    internal static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Name)]
    internal static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Name)]
    internal static partial byte* ZSTD_getErrorName(nuint code);

    internal static string Describe(nuint code) => Marshal.PtrToStringUTF8((nint)ZSTD_getErrorName(code)) ?? "unknown error";
}
