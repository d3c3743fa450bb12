using Sampan.Linux.Io;
using Sampan.Oci.Runtime;

namespace Sampan.Runtime.Mounting;

/// <summary>The letters for kinds of devices: those of mknod(1).</summary>
internal static class DeviceKinds
{
    internal static FileKind Parse(Device device) => device.Type switch
    {
        "c" or "u" => FileKind.CharacterDevice,
        "b" => FileKind.BlockDevice,
        "p" => FileKind.Fifo,
        _ => throw new RuntimeException("devices", $"cannot make device '{device.Path}': its type '{device.Type}' is none of c, u, b, p"),
    };
}
