using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;

namespace Sampan.Network.Addresses;

/// <summary>A hardware (MAC) address of six bytes.</summary>
internal readonly record struct HardwareAddress
{
    private const int Size = 6;

    private HardwareAddress(ReadOnlyMemory<byte> bytes) => Bytes = bytes;

    internal ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Docker's scheme: locally administered <c>02:42</c>, then the address, of version 6 its last four bytes. Who gets the same address again is known by the same hardware address.</summary>
    internal static HardwareAddress From(IPAddress address) => new((byte[])[0x02, 0x42, .. address.GetAddressBytes()[^4..]]);

    /// <summary>A random one, for bridges.</summary>
    internal static HardwareAddress Random() => new((byte[])[0x02, 0x42, .. RandomNumberGenerator.GetBytes(4)]);

    /// <summary>Parses <c>02:42:ac:11:00:02</c> or with dashes; group addresses and all zeros are refused.</summary>
    internal static bool TryParse(string text, [NotNullWhen(true)] out HardwareAddress? address)
    {
        address = null;
        var parts = text.Split(text.Contains('-') ? '-' : ':');
        if (parts.Length != Size)
            return false;
        var bytes = new byte[Size];
        for (var i = 0; i < Size; i++)
        {
            if (parts[i].Length != 2 || !byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]))
                return false;
        }

        const byte group = 1;
        if ((bytes[0] & group) != 0 || !bytes.AsSpan().ContainsAnyExcept((byte)0))
            return false;
        address = new HardwareAddress(bytes);
        return true;
    }

    public override string ToString() => string.Join(':', Bytes.ToArray().Select(b => b.ToString("x2", CultureInfo.InvariantCulture)));
}
