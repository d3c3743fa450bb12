using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Sampan.Network.Dns;

/// <summary>The names under which addresses are looked up: <c>2.0.18.172.in-addr.arpa</c>, and digit by digit below <c>ip6.arpa</c>.</summary>
internal static class ReverseName
{
    private const string Suffix = ".in-addr.arpa";
    private const string Suffix6 = ".ip6.arpa";

    /// <summary>Reads one.</summary>
    internal static bool TryParse(string name, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        if (name.EndsWith(Suffix6, StringComparison.Ordinal))
            return TryParse6(name[..^Suffix6.Length], out address);
        if (!name.EndsWith(Suffix, StringComparison.Ordinal))
            return false;
        var parts = name[..^Suffix.Length].Split('.');
        var bytes = new byte[4];
        if (parts.Length != bytes.Length)
            return false;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (!byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[^(i + 1)]))
                return false;
        }

        address = new IPAddress(bytes);
        return true;
    }

    // Thirty-two digits, the last of the address first: b.a.9.8.….0.1.2.0.0.0.d.f
    private static bool TryParse6(string digits, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        var bytes = new byte[16];
        if (digits.Length != (bytes.Length * 4) - 1)
            return false;
        for (var i = 0; i < bytes.Length * 2; i++)
        {
            if (!char.IsAsciiHexDigit(digits[i * 2]) || (i > 0 && digits[(i * 2) - 1] != '.'))
                return false;
            bytes[^((i / 2) + 1)] |= (byte)(Convert.ToByte(digits[(i * 2)..((i * 2) + 1)], 16) << (i % 2 * 4));
        }

        address = new IPAddress(bytes);
        return true;
    }
}
