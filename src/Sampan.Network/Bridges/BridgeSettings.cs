using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sampan.Network.Bridges;

/// <summary>What the options of a bridge network say, in Docker's names.</summary>
internal sealed record BridgeSettings
{
    private const string Prefix = "com.docker.network.";
    private const int MaxLinkName = 15;

    /// <summary>The interface's name; null: made from the network's id.</summary>
    internal string? Name { get; private init; }

    /// <summary>The largest packet, bytes; null: the daemon's.</summary>
    internal int? Mtu { get; private init; }

    /// <summary>Containers go out with the host's address.</summary>
    internal bool Masquerade { get; private init; } = true;

    /// <summary>Containers of the network reach each other.</summary>
    internal bool InterContainer { get; private init; } = true;

    /// <summary>The address ports are published on when the request names none; null: the daemon's.</summary>
    internal IPAddress? BindAddress { get; private init; }

    /// <summary>What the names of links inside containers begin with.</summary>
    internal string LinkPrefix { get; private init; } = "eth";

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
        Prefix + "bridge.gateway_mode_ipv4" => value is "nat" or "" ? this : throw Unsupported(name, value),
        Prefix + "driver.mtu" => this with { Mtu = Size(name, value) },
        Prefix + "container_iface_prefix" or Prefix + "container_interface_prefix" => this with { LinkPrefix = LinkName(name, value, MaxLinkName - 4) },
        // Said twice: the request's own members decide.
        Prefix + "enable_ipv4" or Prefix + "enable_ipv6" => throw new NetworkException(NetworkError.InvalidInput, $"the option '{name}' is the network's own member: say --{name[(Prefix.Length + "enable_".Length)..]}={value}"),
        Prefix + "bridge.default_bridge" or Prefix + "bridge.inhibit_ipv4" => Flag(name, value) ? throw Unsupported(name, value) : this,
        Prefix + "host_ipv4" or Prefix + "host_ipv6" or Prefix + "bridge.gateway_mode_ipv6" or Prefix + "bridge.host_binding_ipv6" or Prefix + "bridge.trusted_host_interfaces" => throw Unsupported(name, value),
        _ => throw new NetworkException(NetworkError.InvalidInput, $"unknown option '{name}' for a network of the driver 'bridge'"),
    };

    private static NetworkException Unsupported(string name, string value) =>
        new(NetworkError.NotSupported, $"the option '{name}={value}' is not supported by this engine: leave it out");

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

    private static IPAddress Address(string name, string value) =>
        IPAddress.TryParse(value, out var address) && address.AddressFamily == AddressFamily.InterNetwork
            ? address
            : throw Wrong(name, value, "an address of version 4 is expected");

    private static string LinkName(string name, string value, int longest) =>
        IsLinkName(value) && value.Length <= longest
            ? value
            : throw Wrong(name, value, $"a letter, then letters, digits, '_', '.', '-', at most {longest} in all, are expected");

    /// <summary>Whether an interface may be called so.</summary>
    internal static bool IsLinkName(string name) =>
        name.Length is > 0 and <= MaxLinkName && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');
}
