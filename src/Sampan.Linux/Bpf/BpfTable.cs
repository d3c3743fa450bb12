using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Bpf;

/// <summary>A hash table that programs in the kernel and this one share, from keys of some bytes to numbers. Entries change whole.</summary>
internal sealed unsafe class BpfTable : IDisposable
{
    private readonly SafeFd _fd;
    private readonly int _keyBytes;

    /// <summary>Makes an empty table.</summary>
    /// <param name="name">What it is called in the kernel: letters, digits, '_' and '.', at most 15.</param>
    /// <param name="keyBytes">The size of its keys.</param>
    /// <param name="most">How many entries it holds; memory is taken as they come.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal BpfTable(string name, int keyBytes, int most)
    {
        _keyBytes = keyBytes;
        var create = new Sys.bpf_attr_map { map_type = Sys.BPF_MAP_TYPE_HASH, key_size = (uint)keyBytes, value_size = sizeof(uint), max_entries = (uint)most, map_flags = Sys.BPF_F_NO_PREALLOC, map_name = Sys.bpf_name.Of(name) };
        _fd = new SafeFd(Sys.Check(Sys.bpf(Sys.BPF_MAP_CREATE, &create, sizeof(Sys.bpf_attr_map)), "make table of a BPF program"));
    }

    internal int Descriptor => _fd.Number;

    /// <summary>Sets an entry.</summary>
    /// <returns>False: the table is full.</returns>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal bool TrySet(ReadOnlySpan<byte> key, uint value)
    {
        if (Act(Sys.BPF_MAP_UPDATE_ELEM, key, &value) >= 0)
            return true;
        return Sys.LastErrno == Errno.E2BIG ? false : throw new LinuxException("set entry of a BPF program's table", Sys.LastErrno);
    }

    /// <summary>The value of a key, or null.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal uint? Find(ReadOnlySpan<byte> key)
    {
        uint value;
        if (Act(Sys.BPF_MAP_LOOKUP_ELEM, key, &value) >= 0)
            return value;
        return Sys.LastErrno == Errno.ENOENT ? null : throw new LinuxException("read entry of a BPF program's table", Sys.LastErrno);
    }

    /// <summary>Removes an entry, if it is there.</summary>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal void Remove(ReadOnlySpan<byte> key)
    {
        if (Act(Sys.BPF_MAP_DELETE_ELEM, key, null) < 0 && Sys.LastErrno != Errno.ENOENT)
            throw new LinuxException("remove entry of a BPF program's table", Sys.LastErrno);
    }

    public void Dispose() => _fd.Dispose();

    private int Act(int command, ReadOnlySpan<byte> key, uint* value)
    {
        if (key.Length != _keyBytes)
            throw new ArgumentException($"a key of {_keyBytes} bytes is expected", nameof(key));
        fixed (byte* start = key)
        {
            var element = new Sys.bpf_attr_element { map_fd = (uint)_fd.Number, key = (ulong)start, value = (ulong)value };
            return Sys.bpf(command, &element, sizeof(Sys.bpf_attr_element));
        }
    }
}
