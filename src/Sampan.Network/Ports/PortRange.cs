using System.Globalization;

namespace Sampan.Network.Ports;

/// <summary>The kernel's ephemeral ports, from which a free host port is taken when none is named.</summary>
internal readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>Docker's range where the kernel's cannot be read.</summary>
    internal static PortRange Default => new(49153, 65535);

    /// <summary>Parses <c>net.ipv4.ip_local_port_range</c>: <c>32768	60999</c>.</summary>
    internal static PortRange Parse(string? text)
    {
        var parts = text?.Split((char[])['\t', ' '], StringSplitOptions.RemoveEmptyEntries) ?? [];
        return parts.Length == 2
            && ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var first)
            && ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && first > 0 && first <= last
            ? new PortRange(first, last)
            : Default;
    }
}
