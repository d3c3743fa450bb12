using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace Sampan.Network.Dns;

/// <summary>The names under which addresses of version 4 are looked up: <c>2.0.18.172.in-addr.arpa</c>.</summary>
internal static class ReverseName
{
    private const string Suffix = ".in-addr.arpa";

    /// <summary>Reads one.</summary>
    internal static bool TryParse(string name, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
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
}
