namespace Sampan.BuildKit.Files;

/// <summary>A file's mode as Go's <see href="https://pkg.go.dev/io/fs#FileMode">fs.FileMode</see> numbers it, which is how Docker and BuildKit send it, against the kernel's.</summary>
public static class GoMode
{
    private const uint Directory = 1u << 31;
    private const uint SymbolicLink = 1u << 27;
    private const uint Device = 1u << 26;
    private const uint Fifo = 1u << 25;
    private const uint Socket = 1u << 24;
    private const uint SetUid = 1u << 23;
    private const uint SetGid = 1u << 22;
    private const uint CharacterDevice = 1u << 21;
    private const uint Sticky = 1u << 20;

    /// <summary>Whether it is a directory's.</summary>
    public static bool IsDirectory(uint mode) => (mode & Directory) != 0;

    /// <summary>The kernel's <c>st_mode</c>; null: of a kind that there is not.</summary>
    public static uint? ToKernel(uint mode)
    {
        uint? kind = (mode & (Directory | SymbolicLink | Device | Fifo | Socket | CharacterDevice | (1u << 19))) switch
        {
            0 => 0x8000,
            Directory => 0x4000,
            SymbolicLink => 0xa000,
            Device => 0x6000,
            Device | CharacterDevice => 0x2000,
            Fifo => 0x1000,
            Socket => 0xc000,
            _ => null,
        };
        return kind | (mode & 0x1ff) | ((mode & SetUid) != 0 ? 0x800u : 0) | ((mode & SetGid) != 0 ? 0x400u : 0) | ((mode & Sticky) != 0 ? 0x200u : 0);
    }

    /// <summary>Of the kernel's <c>st_mode</c>.</summary>
    public static uint FromKernel(uint mode) => ((mode & 0xf000) switch
    {
        0x4000 => Directory,
        0xa000 => SymbolicLink,
        0x6000 => Device,
        0x2000 => Device | CharacterDevice,
        0x1000 => Fifo,
        0xc000 => Socket,
        _ => 0,
    }) | (mode & 0x1ff) | ((mode & 0x800) != 0 ? SetUid : 0) | ((mode & 0x400) != 0 ? SetGid : 0) | ((mode & 0x200) != 0 ? Sticky : 0);
}
