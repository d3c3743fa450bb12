using System.Net;
using System.Net.Sockets;
using Sampan.Linux.Proc;
using Sampan.Network.Bridges;

namespace Sampan.Network.Endpoints;

/// <summary>An endpoint's options in Docker's names, checked.</summary>
internal sealed record EndpointSettings
{
    private const string LinkNameOption = "com.docker.network.endpoint.ifname";
    private const string ParametersOption = "com.docker.network.endpoint.sysctls";
    private const string Placeholder = "IFNAME";
    private static readonly string[] s_roots = ["net.ipv4.conf.", "net.ipv4.neigh.", "net.ipv6.conf.", "net.ipv6.neigh.", "net.mpls.conf."];

    /// <summary>The wanted name of the link in the container; null: the next free one.</summary>
    internal string? LinkName { get; private init; }

    /// <summary>Kernel parameters of the link, with <c>IFNAME</c> where its name belongs.</summary>
    internal IReadOnlyList<(string Name, string Value)> Parameters { get; private init; } = [];

    /// <summary>Further addresses of the link with the lengths of their prefixes, which are Docker's.</summary>
    internal IReadOnlyList<(IPAddress Address, int PrefixLength)> LinkLocal { get; private init; } = [];

    /// <exception cref="NetworkException">An option is unknown or makes no sense.</exception>
    internal static EndpointSettings Parse(EndpointRequest request)
    {
        var settings = new EndpointSettings { LinkLocal = [.. request.LinkLocalAddresses.Select(LinkLocalAddress)] };
        foreach (var (name, value) in request.Options)
        {
            settings = name switch
            {
                LinkNameOption => settings with { LinkName = CheckLink(value) },
                ParametersOption => settings with { Parameters = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Parameter)] },
                _ => throw new NetworkException(NetworkError.InvalidInput, $"unknown option '{name}' for an endpoint of network '{request.NetworkName}': there are '{LinkNameOption}' and '{ParametersOption}'"),
            };
        }

        return settings;
    }

    /// <summary>The parameters of a link, as paths below <c>/proc/sys</c>.</summary>
    internal IReadOnlyList<(string Name, string Value)> ParametersOf(string link) =>
        [.. Parameters.Select(p => (string.Join('/', p.Name.Split('.').Select(part => part == Placeholder ? link : part)), p.Value))];

    private static (IPAddress Address, int PrefixLength) LinkLocalAddress(string text) =>
        IPAddress.TryParse(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)
            ? (address, address.AddressFamily == AddressFamily.InterNetworkV6 ? 64 : 16)
            : throw new NetworkException(NetworkError.InvalidInput, $"invalid link-local IP address: {text}");

    private static string CheckLink(string name) =>
        BridgeSettings.IsLinkName(name) && name != "lo"
            ? name
            : throw new NetworkException(NetworkError.InvalidInput, $"invalid interface name '{name}': a letter, then at most 14 letters, digits, '_', '.', '-' are expected");

    // Docker's client writes the long form of --network in lower case, the placeholder too.
    // A parameter is the link's own or it is none: nothing else of the host's or the container's can be named (CVE-2022-0811).
    private static (string Name, string Value) Parameter(string text)
    {
        var pair = text.Split('=', 2);
        var name = pair[0].Trim();
        var root = s_roots.FirstOrDefault(r => name.StartsWith(r + Placeholder + ".", StringComparison.OrdinalIgnoreCase));
        var rest = root is null ? "" : name[(root.Length + Placeholder.Length + 1)..];
        if (pair.Length != 2 || rest.Length == 0 || !rest.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_') || pair[1].Any(char.IsControl))
            throw new NetworkException(NetworkError.InvalidInput, $"invalid kernel parameter '{text}' in the option '{ParametersOption}': one of the link like 'net.ipv4.conf.IFNAME.log_martians=1' is expected");

        // Each link has the same parameters, also the loopback: this one can be looked at before there is another.
        return Sysctl.Read((root + "lo." + rest).Replace('.', '/')) is null
            ? throw new NetworkException(NetworkError.InvalidInput, $"unknown kernel parameter '{name}' in the option '{ParametersOption}': this kernel has none of that name")
            : (root + Placeholder + "." + rest, pair[1].Trim());
    }
}
