using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Network.Bridges;

/// <summary>What the options of a bridge network say, in Docker's names.</summary>
internal sealed record BridgeSettings
{
    private const string Prefix = "com.docker.network.";
    private const string HostPolicyOption = "io.sampan.network.host_policy";
    private const string ShortcutOption = "io.sampan.network.shortcut";
    private const int MaxLinkName = 15;

    /// <summary>The interface's name; null: made from the network's id.</summary>
    internal string? Name { get; private init; }

    /// <summary>The largest packet, bytes; null: the daemon's.</summary>
    internal int? Mtu { get; private init; }

    /// <summary>Containers go out with the host's address.</summary>
    internal bool Masquerade { get; private init; } = true;

    /// <summary>Containers of the network reach each other.</summary>
    internal bool InterContainer { get; init; } = true;

    /// <summary>The address ports are published on when the request names none; null: the daemon's.</summary>
    internal IPAddress? BindAddress { get; private init; }

    /// <summary>What the names of links inside containers begin with.</summary>
    internal string LinkPrefix { get; private init; } = "eth";

    /// <summary>How version 4 is joined to the outside.</summary>
    internal GatewayMode Mode { get; private init; }

    /// <summary>How version 6 is joined to the outside.</summary>
    internal GatewayMode Mode6 { get; private init; }

    /// <summary>The bridge gets no address of version 4, though containers take it for their gateway: somebody else on the bridge has it.</summary>
    internal bool WithoutAddress { get; private init; }

    /// <summary>Interfaces whose neighbours may call published ports at the container's own address.</summary>
    internal IReadOnlyList<string> Trusted { get; private init; } = [];

    /// <summary>The address of version 4 that containers go out with; null: that of the interface they leave by.</summary>
    internal IPAddress? Source { get; private init; }

    /// <summary>The same for version 6.</summary>
    internal IPAddress? Source6 { get; private init; }

    /// <summary>Published ports obey the host's own input rules; null: as the daemon says.</summary>
    internal bool? ObeysHost { get; private init; }

    /// <summary>Containers of the network talk past its bridge; null: as the daemon says.</summary>
    internal bool? Shortcut { get; private init; }

    internal GatewayMode ModeOf(bool version6) => version6 ? Mode6 : Mode;

    /// <summary>Whether the bridge itself has the gateway's address of a version.</summary>
    internal bool HasAddress(bool version6) => ModeOf(version6) != GatewayMode.Isolated && (version6 || !WithoutAddress);

    /// <summary>Reads options.</summary>
    /// <exception cref="NetworkException">An option that is unknown or not supported, or a value that makes no sense.</exception>
    internal static BridgeSettings Parse(IReadOnlyDictionary<string, string> options) =>
        options.OrderBy(o => o.Key, StringComparer.Ordinal).Aggregate(new BridgeSettings(), (settings, option) => settings.With(option.Key, option.Value));

    private BridgeSettings With(string name, string value) => name switch
    {
        Prefix + "bridge.name" => this with { Name = LinkName(name, value, MaxLinkName) },
        Prefix + "bridge.enable_icc" => this with { InterContainer = Flag(name, value) },
        Prefix + "bridge.enable_ip_masquerade" => this with { Masquerade = Flag(name, value) },
        Prefix + "bridge.host_binding_ipv4" => this with { BindAddress = Address(name, value) },
        Prefix + "bridge.gateway_mode_ipv4" => this with { Mode = GatewayModeOf(name, value) },
        Prefix + "bridge.gateway_mode_ipv6" => this with { Mode6 = GatewayModeOf(name, value) },
        Prefix + "bridge.inhibit_ipv4" => this with { WithoutAddress = Flag(name, value) },
        Prefix + "bridge.trusted_host_interfaces" => this with { Trusted = [.. value.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(link => LinkName(name, link, MaxLinkName)).Distinct(StringComparer.Ordinal)] },
        Prefix + "host_ipv4" => this with { Source = Address(name, value) },
        Prefix + "host_ipv6" => this with { Source6 = Address(name, value, version6: true) },
        HostPolicyOption => this with { ObeysHost = Flag(name, value) },
        ShortcutOption => this with { Shortcut = Flag(name, value) },
        Prefix + "driver.mtu" => this with { Mtu = Size(name, value) },
        Prefix + "container_iface_prefix" or Prefix + "container_interface_prefix" => this with { LinkPrefix = LinkName(name, value, MaxLinkName - 4) },
        // Said twice: the request's own members decide.
        Prefix + "enable_ipv4" or Prefix + "enable_ipv6" => throw new NetworkException(NetworkError.InvalidInput, $"the option '{name}' is the network's own member: say --{name[(Prefix.Length + "enable_".Length)..]}={value}"),
        Prefix + "bridge.default_bridge" => Flag(name, value) ? throw Unsupported(name, value, "the default bridge is the daemon's (--bridge)") : this,
        Prefix + "bridge.host_binding_ipv6" => throw Unsupported(name, value, "Docker has none of that name; name the address with each port"),
        _ => throw new NetworkException(NetworkError.InvalidInput, $"unknown option '{name}' for a network of the driver 'bridge'"),
    };

    private static NetworkException Unsupported(string name, string value, string why) =>
        new(NetworkError.NotSupported, $"the option '{name}={value}' is not supported by this engine ({why}): leave it out");

    private static GatewayMode GatewayModeOf(string name, string value) => value switch
    {
        "nat" or "" => GatewayMode.Nat,
        "nat-unprotected" => GatewayMode.NatUnprotected,
        "routed" => GatewayMode.Routed,
        "isolated" => GatewayMode.Isolated,
        _ => throw Wrong(name, value, "'nat', 'nat-unprotected', 'routed' or 'isolated' is expected"),
    };

    private static NetworkException Wrong(string name, string value, string expected) =>
        new(NetworkError.InvalidInput, $"invalid value '{value}' of the option '{name}': {expected}");

    private static bool Flag(string name, string value) => value switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => throw Wrong(name, value, "true or false is expected"),
    };

    private static int Size(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size is >= 68 and <= 65535
            ? size
            : throw Wrong(name, value, "68 to 65535 bytes are possible");

    private static IPAddress Address(string name, string value, bool version6 = false) =>
        IPAddress.TryParse(value, out var address) && address.AddressFamily == (version6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork)
            ? address
            : throw Wrong(name, value, $"an address of version {(version6 ? 6 : 4)} is expected");

    private static string LinkName(string name, string value, int longest) =>
        IsLinkName(value) && value.Length <= longest
            ? value
            : throw Wrong(name, value, $"a letter, then letters, digits, '_', '.', '-', at most {longest} in all, are expected");

    /// <summary>Whether an interface may be called so.</summary>
    internal static bool IsLinkName(string name) =>
        name.Length is > 0 and <= MaxLinkName && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
