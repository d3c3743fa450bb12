using System.Runtime.InteropServices;
using System.Text;

namespace Sampan.Linux.Syscalls;

/// <summary>A null-terminated array of null-terminated UTF-8 strings in native memory: <c>argv</c> and <c>envp</c>.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private byte** _array;

    internal NativeStrings(IReadOnlyList<string> strings)
    {
        // One block: the pointers first, then the bytes.
        var size = (nuint)(strings.Count + 1) * (nuint)sizeof(byte*);
        foreach (var text in strings)
            size += (nuint)Encoding.UTF8.GetByteCount(text) + 1;
        _array = (byte**)NativeMemory.Alloc(size);
        var at = (byte*)(_array + strings.Count + 1);
        var end = (byte*)_array + size;
        for (var i = 0; i < strings.Count; i++)
        {
            if (strings[i].Contains('\0'))
            {
                Dispose();
                throw new ArgumentException("an argument or environment entry contains a null character", nameof(strings));
            }
            _array[i] = at;
            at += Encoding.UTF8.GetBytes(strings[i], new Span<byte>(at, (int)(end - at)));
            *at++ = 0;
        }
        _array[strings.Count] = null;
    }

    internal byte** Pointer => _array;

    public void Dispose()
    {
        NativeMemory.Free(_array);
        _array = null;
    }
}
