using System.IO.Pipelines;

namespace Sampan.Server.Http;

/// <summary>What <see cref="PipeWriter"/> lacks.</summary>
internal static class PipeWriterExtensions
{
    /// <summary>
    /// Buffers bytes. <c>BuffersExtensions.Write</c> asks for a span of any length, and before the head is sent Kestrel's
    /// answer to that may be an empty one.
    /// </summary>
    internal static void Put(this PipeWriter output, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(output.GetSpan(Math.Max(bytes.Length, 1)));
        output.Advance(bytes.Length);
    }
}
