using System.Globalization;
using System.Net;

namespace Sampand.Configuration;

/// <summary>A value of <c>--default-address-pool</c>: <c>base=172.30.0.0/16,size=24</c>.</summary>
internal static class AddressPool
{
    private const int LongestPrefix = 30;
    private const int LongestPrefix6 = 64;

    /// <summary>Reads it; null: it is wrong, and <paramref name="problems"/> says how.</summary>
    internal static (string Base, int Size)? Parse(string text, List<string> problems)
    {
        var fields = text.Split(',').Select(f => f.Split('=', 2)).ToList();
        if (fields.TrueForAll(f => f.Length == 2) && fields.Count == 2
            && fields.Find(f => f[0] == "base") is [_, var range] && fields.Find(f => f[0] == "size") is [_, var bits]
            && int.TryParse(bits, NumberStyles.None, CultureInfo.InvariantCulture, out var size)
            && IPNetwork.TryParse(range, out var network)
            && size >= network.PrefixLength && size <= (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? LongestPrefix : LongestPrefix6))
        {
            return (range, size);
        }

        problems.Add($"invalid value of 'default-address-pools': '{text}': expected base=CIDR,size=BITS with a range and a size from its prefix to {LongestPrefix}, for IPv6 to {LongestPrefix6}, such as 'base=172.30.0.0/16,size=24'");
        return null;
    }
}
