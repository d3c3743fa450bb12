using Sampan.Engine.Containers.Wishes;
using Sampan.Oci.Runtime;
using Sampan.Runtime;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Recipes;

/// <summary>Block I/O limits by device: the user names a node, the kernel wants its numbers.</summary>
internal static class BlockDevices
{
    /// <summary>The limits by device; null: there are none.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: no such device, or none of blocks.</exception>
    public static BlockIoLimits? Find(ResourceLimits wish)
    {
        if (wish is { BlkioWeightDevices: [], BlkioReadBytes: [], BlkioWriteBytes: [], BlkioReads: [], BlkioWrites: [] })
            return null;
        return new BlockIoLimits
        {
            WeightDevice = [.. wish.BlkioWeightDevices.Select(Weight)],
            ThrottleReadBpsDevice = Throttles(wish.BlkioReadBytes),
            ThrottleWriteBpsDevice = Throttles(wish.BlkioWriteBytes),
            ThrottleReadIopsDevice = Throttles(wish.BlkioReads),
            ThrottleWriteIopsDevice = Throttles(wish.BlkioWrites),
        };
    }

    private static IReadOnlyList<BlockIoThrottle> Throttles(IReadOnlyList<DeviceRate> rates) => [.. rates.Select(Throttle)];

    private static BlockIoWeight Weight(DeviceRate weight)
    {
        var device = Find(weight.Path);
        return new BlockIoWeight { Major = device.Major, Minor = device.Minor, Weight = (ushort)weight.Rate };
    }

    private static BlockIoThrottle Throttle(DeviceRate rate)
    {
        var device = Find(rate.Path);
        return new BlockIoThrottle { Major = device.Major, Minor = device.Minor, Rate = rate.Rate };
    }

    private static Device Find(string path)
    {
        try
        {
            return HostDevices.Find(path) is [{ Type: "b" } device] ? device : throw EngineException.Invalid($"'{path}' is not a block device: its I/O cannot be limited");
        }
        catch (RuntimeException missing)
        {
            throw EngineException.Invalid($"cannot limit the I/O of '{path}': {missing.Message}", missing);
        }
    }
}
