using System.Buffers.Binary;
using System.Text;
using Sampan.Linux.Io;
using Sampan.Linux.Syscalls;

namespace Sampan.Linux.Mounts;

/// <summary>
/// A file shown as a block device (<see href="https://man7.org/linux/man-pages/man4/loop.4.html">loop(4)</see>). The kernel takes it apart with the last
/// user: with this object, or with the mount made of it meanwhile.
/// </summary>
public sealed unsafe class LoopDevice : IDisposable
{
    private const nuint GetFree = 0x4C82; // LOOP_CTL_GET_FREE
    private const nuint ConfigureLoop = 0x4C0A; // LOOP_CONFIGURE, Linux 5.8
    private const uint IsReadOnly = 1; // LO_FLAGS_READ_ONLY
    private const uint GoesWithLastUser = 4; // LO_FLAGS_AUTOCLEAR
    private const int ConfigBytes = 304; // struct loop_config: fd, block size, struct loop_info64, 64 bytes of reserve
    private const int FlagsOffset = 60;
    private const int NameOffset = 64;
    private const int MaxTries = 64;

    private readonly SafeFd _device;

    private LoopDevice(SafeFd device, string path)
    {
        _device = device;
        Path = path;
    }

    /// <summary>The device, such as <c>/dev/loop0</c>.</summary>
    public string Path { get; }

    /// <summary>Shows a file as a device.</summary>
    /// <param name="file">A path of the host.</param>
    /// <param name="readOnly">True if nothing is to be written.</param>
    /// <exception cref="LinuxException">There is no such file, or the kernel has no loop devices to give.</exception>
    public static LoopDevice Open(string file, bool readOnly)
    {
        using var backing = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, file, readOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite), "open", file));
        using var control = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, "/dev/loop-control", OpenFlags.ReadWrite), "open", "/dev/loop-control"));
        for (var attempt = 1; ; attempt++)
        {
            var path = $"/dev/loop{Sys.Check(Sys.ioctl(control.Number, GetFree, 0), "find a free loop device")}";
            var device = new SafeFd(Sys.Check(Sys.openat(Sys.AT_FDCWD, path, readOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite), "open", path));
            if (TryConfigure(device, backing, file, readOnly))
                return new LoopDevice(device, path);
            var errno = Sys.LastErrno;
            device.Dispose();
            // Somebody else was given the same one.
            if (errno != Errno.EBUSY || attempt == MaxTries)
                throw new LinuxException("make a loop device of", errno, file);
        }
    }

    private static bool TryConfigure(SafeFd device, SafeFd backing, string file, bool readOnly)
    {
        var config = stackalloc byte[ConfigBytes];
        var bytes = new Span<byte>(config, ConfigBytes);
        bytes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)backing.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[FlagsOffset..], GoesWithLastUser | (readOnly ? IsReadOnly : 0));
        // What losetup(8) shows; the kernel's field has 64 bytes.
        var name = Encoding.UTF8.GetBytes(file);
        name.AsSpan(0, Math.Min(name.Length, 63)).CopyTo(bytes[NameOffset..]);
        return Sys.ioctl(device.Number, ConfigureLoop, (nint)config) == 0;
    }

    /// <summary>Lets the device go.</summary>
    public void Dispose() => _device.Dispose();
}
