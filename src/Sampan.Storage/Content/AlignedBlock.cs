using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Sampan.Storage.Content;

/// <summary>A MiB of memory as the disk wants it for reads and writes past the page cache. A few are kept for the next who need one.</summary>
internal sealed class AlignedBlock
{
    /// <summary>Bytes of a block.</summary>
    internal const int Size = 1 << 20;

    /// <summary>What offsets, lengths and addresses have to be multiples of.</summary>
    internal const int Alignment = 4096;

    private const int MostKept = 12;

    private static readonly ConcurrentBag<AlignedBlock> s_free = [];

    private AlignedBlock()
    {
        var array = GC.AllocateUninitializedArray<byte>(Size + Alignment, pinned: true);
        var offset = (int)(-Marshal.UnsafeAddrOfPinnedArrayElement(array, 0) & (Alignment - 1));
        Memory = array.AsMemory(offset, Size);
    }

    internal Memory<byte> Memory { get; }

    internal Span<byte> Span => Memory.Span;

    internal static AlignedBlock Rent() => s_free.TryTake(out var block) ? block : new AlignedBlock();

    /// <summary>Gives it back; nobody reads or writes it any more.</summary>
    internal void Return()
    {
        if (s_free.Count < MostKept)
            s_free.Add(this);
    }
}
