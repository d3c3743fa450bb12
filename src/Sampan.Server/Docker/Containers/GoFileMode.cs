namespace Sampan.Server.Docker.Containers;

/// <summary>A file's mode as Go's <see href="https://pkg.go.dev/io/fs#FileMode">fs.FileMode</see> numbers it, which is how it goes over the wire.</summary>
internal static class GoFileMode
{
    private const long Directory = 1L << 31;
    private const long SymbolicLink = 1L << 27;
    private const long Device = 1L << 26;
    private const long NamedPipe = 1L << 25;
    private const long Socket = 1L << 24;
    private const long SetUid = 1L << 23;
    private const long SetGid = 1L << 22;
    private const long CharacterDevice = 1L << 21;
    private const long Sticky = 1L << 20;

    /// <summary>Go's number for the kernel's st_mode.</summary>
    internal static long Of(uint mode) => (mode & 0x1ff)
        | (mode & 0xf000) switch
        {
            0x4000 => Directory,
            0xa000 => SymbolicLink,
            0x6000 => Device,
            0x2000 => Device | CharacterDevice,
            0x1000 => NamedPipe,
            0xc000 => Socket,
            _ => 0,
        }
        | ((mode & 0x800) != 0 ? SetUid : 0)
        | ((mode & 0x400) != 0 ? SetGid : 0)
        | ((mode & 0x200) != 0 ? Sticky : 0);
}
